package ibc

import "testing"

func TestAGatewayIsKnownByItsCommandLine(t *testing.T) {
	for _, tt := range []struct {
		argv      []string
		isGateway bool
	}{
		{[]string{"java", "-cp", "x", "ibcalpha.ibc.IbcGateway", "/home/t/ibc/config.ini"}, true},
		{[]string{"/home/t/Jts/ibgateway/1037/ibgateway"}, true},
		{[]string{"/Users/t/Applications/IB Gateway 10.37/IB Gateway 10.37.app/Contents/MacOS/JavaApplicationStub"}, true},
		{[]string{"/Users/t/Applications/Trader Workstation 10.37/Trader Workstation 10.37.app/Contents/MacOS/JavaApplicationStub"}, true},
		// These update themselves, and have no version in their names.
		{[]string{"/Users/t/Applications/IB Gateway/IB Gateway.app/Contents/MacOS/JavaApplicationStub"}, true},
		{[]string{"/Users/t/Applications/Trader Workstation/Trader Workstation.app/Contents/MacOS/JavaApplicationStub"}, true},
		{[]string{"/Applications/Trader Workstation.app/Contents/MacOS/JavaApplicationStub"}, true},
		{[]string{"/Applications/Preview.app/Contents/MacOS/Preview"}, false},
		{[]string{"vi", "/Users/t/Trader Workstation/notes.txt"}, false},
		{nil, false},
	} {
		if _, is := parseGatewayCommand(tt.argv); is != tt.isGateway {
			t.Errorf("%q: %t", tt.argv, is)
		}
	}
}
