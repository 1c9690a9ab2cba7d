package find

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gatelight/supervisor/testkit"
)

// elfFor is the header of a program for Linux.
func elfFor(machine uint16) string {
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01") // 64 bits, the low byte first
	binary.LittleEndian.PutUint16(b[16:], 2)
	binary.LittleEndian.PutUint16(b[18:], machine)
	b[20], b[52], b[54], b[58] = 1, 64, 56, 64
	return string(b)
}

// machoFor is the header of a program for macOS.
func machoFor(cpu uint32) string {
	b := make([]byte, 32)
	binary.LittleEndian.PutUint32(b, 0xfeedfacf)
	binary.LittleEndian.PutUint32(b[4:], cpu)
	b[12] = 2
	return string(b)
}

// universal is a program for macOS with one part for each processor.
func universal(cpus ...uint32) string {
	const align = 64
	b := make([]byte, align*4*(1+len(cpus)))
	binary.BigEndian.PutUint32(b, 0xcafebabe)
	binary.BigEndian.PutUint32(b[4:], uint32(len(cpus)))
	for i, cpu := range cpus {
		arch, from := b[8+20*i:], align*4*(1+i)
		part := machoFor(cpu)
		for n, v := range []uint32{cpu, 0, uint32(from), uint32(len(part)), 6} {
			binary.BigEndian.PutUint32(arch[4*n:], v)
		}
		copy(b[from:], part)
	}
	return string(b)
}

// peFor is the header of a program for Windows.
func peFor(machine uint16) string {
	b := make([]byte, 0x80+24)
	copy(b, "MZ")
	b[0x3c] = 0x80
	copy(b[0x80:], "PE\x00\x00")
	binary.LittleEndian.PutUint16(b[0x84:], machine)
	return string(b)
}

const (
	elfAMD64, elfARM64, elfRISCV = 62, 183, 243
	machoAMD64, machoARM64       = 0x01000007, 0x0100000c
	peAMD64, peARM64, peI386     = 0x8664, 0xaa64, 0x14c
)

func TestTheProcessorOfAProgramIsReadFromItsHeader(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"ELF, Intel", elfFor(elfAMD64), []string{"amd64"}},
		{"ELF, ARM", elfFor(elfARM64), []string{"arm64"}},
		{"ELF, one that Java is not for", elfFor(9999), []string{"another processor"}},
		{"Mach-O, Intel", machoFor(machoAMD64), []string{"amd64"}},
		{"Mach-O, Apple silicon", machoFor(machoARM64), []string{"arm64"}},
		{"Mach-O, both", universal(machoAMD64, machoARM64), []string{"amd64", "arm64"}},
		{"PE", peFor(peAMD64), []string{"amd64"}},
		{"PE, 32 bits", peFor(peI386), []string{"386"}},
		{"PE, ARM", peFor(peARM64), []string{"arm64"}},
		{"a script", "#!/bin/sh\nexec java\n", nil},
		{"nothing", "", nil},
	} {
		m := machine("linux", "/jre/bin/java := "+tt.file)
		if got, err := m.Javas().Processors("/jre/bin/java"); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
	for _, damaged := range []string{elfFor(elfAMD64)[:20], "MZ"} {
		if got, err := machine("linux", "/java := "+damaged).Javas().Processors("/java"); err == nil {
			t.Errorf("%q: %q without an error", damaged, got)
		}
	}
}

// ibcJar is an IBC.jar with a class for that Java.
func ibcJar(t *testing.T, java uint16) string {
	t.Helper()
	return string(testkit.Zip(t, map[string]string{
		"META-INF/MANIFEST.MF":          "Manifest-Version: 1.0\n",
		"META-INF/versions/21/X.class":  "\xca\xfe\xba\xbe\x00\x00\x00\x41",
		"ibcalpha/ibc/IbcGateway.class": string(binary.BigEndian.AppendUint16([]byte("\xca\xfe\xba\xbe\x00\x00"), 44+java)) + "more",
	}))
}

func TestTheJavaThatIBCNeedsIsInItsJar(t *testing.T) {
	for _, java := range []uint16{8, 17, 21} {
		m := machine("linux", "/opt/ibc/IBC.jar := "+ibcJar(t, java))
		if got, err := m.Javas().JavaNeeded(IBC{Path: "/opt/ibc"}); err != nil || got != int(java) {
			t.Errorf("%d, %v, want %d", got, err, java)
		}
	}
	for _, bad := range []string{"", "no archive", ibcJar(t, 8)[:40]} {
		if got, err := machine("linux", "/opt/ibc/IBC.jar := "+bad).Javas().JavaNeeded(IBC{Path: "/opt/ibc"}); err == nil {
			t.Errorf("%q: %d without an error", bad, got)
		}
	}
}

func TestTheVersionOfJavaIsInItsReleaseFile(t *testing.T) {
	for _, tt := range []struct {
		file, text, java string
		major            int
		full             string
	}{
		{"/jre/release", "IMPLEMENTOR=\"Azul\"\nJAVA_VERSION=\"17.0.10\"\n", "/jre/bin/java", 17, "17.0.10"},
		{"/jre/release", "JAVA_VERSION=\"1.8.0_392\"\r\n", "/jre/bin/java", 8, "1.8.0_392"},
		{"/jdk/release", "JAVA_VERSION=\"1.8.0_392\"", "/jdk/jre/bin/java", 8, "1.8.0_392"},
		{"/jre/release", "JAVA_VERSION=\"21\"", "/jre/bin/java", 21, "21"},
		{"/jre/release", "JAVA_VERSION=\"11-ea\"", "/jre/bin/java", 11, "11-ea"},
		{"/jre/release", "SOURCE=\"\"", "/jre/bin/java", 0, ""},
		{"/none", "", "/jre/bin/java", 0, ""},
	} {
		major, full := machine("linux", tt.file+" := "+tt.text).Javas().JavaVersion(tt.java)
		if major != tt.major || full != tt.full {
			t.Errorf("%s %q: %d %q", tt.file, tt.text, major, full)
		}
	}
}

func TestAJavaThatCannotWorkIsNamedWithWhatToDo(t *testing.T) {
	const bundle = "/a/IB Gateway 10.45/.install4j/jre.bundle/Contents/Home"
	intel, arm := elfFor(elfAMD64), elfFor(elfARM64)
	for _, tt := range []struct {
		name, goos, arch string
		java             string // the file
		files            []string
		javaPath         string
		needs            uint16
		want             string // a part of the error; "": it works
		how              string
	}{
		{"all is well", "linux", "amd64", intel, nil, "", 17, "", ""},
		{"for another processor", "linux", "arm64", intel, nil, "", 17, "/jre/bin/java cannot run here: it is for amd64, and this machine is arm64; install the edition of IB Gateway for this machine, or set java_path", ""},
		{"the other way round", "linux", "amd64", arm, nil, "", 17, "it is for arm64, and this machine is amd64", ""},
		{"one that nobody has", "linux", "amd64", elfFor(elfRISCV), nil, "", 17, "it is for riscv64", ""},
		{"with an emulator", "linux", "arm64", intel, []string{binfmt + "/qemu-x86_64 := enabled\ninterpreter /usr/bin/qemu"}, "", 17, "", "through an emulator, and slowly"},
		{"with an emulator that is switched off", "linux", "arm64", intel, []string{binfmt + "/qemu-x86_64 := disabled\n"}, "", 17, "it is for amd64", ""},
		{"too old for this IBC", "linux", "amd64", intel, []string{"/jre/release := JAVA_VERSION=\"1.8.0_392\""}, "", 17, "/jre/bin/java is Java 1.8.0_392, and IBC 3.24.1 needs Java 17 or newer", ""},
		{"a little too old", "linux", "amd64", intel, []string{"/jre/release := JAVA_VERSION=\"11.0.2\""}, "", 17, "is Java 11.0.2", ""},
		{"old, with an IBC that is content with it", "linux", "amd64", intel, []string{"/jre/release := JAVA_VERSION=\"1.8.0_392\""}, "", 8, "", ""},
		{"a java_path", "linux", "arm64", intel, []string{"/opt/zulu/bin/java := " + arm}, "/opt/zulu/bin", 17, "", ""},
		{"a java_path that is the folder above", "linux", "arm64", intel, []string{"/opt/zulu/bin/java := " + arm}, "/opt/zulu", 17, "there is no /opt/zulu/java, where java_path", ""},
		{"a java_path that names the program", "linux", "amd64", intel, nil, "/jre/bin/java", 17, "set it to the folder that has java", ""},
		{"a damaged one", "linux", "amd64", intel[:20], nil, "", 17, "it is damaged", ""},
		{"a Mac's", "darwin", "arm64", machoFor(machoARM64), nil, "", 17, "", ""},
		{"a Mac that translates", "darwin", "arm64", machoFor(machoAMD64), []string{rosetta + "/"}, "", 17, "", "through Rosetta"},
		{"a Mac that does not", "darwin", "arm64", machoFor(machoAMD64), nil, "", 17, "softwareupdate --install-rosetta", ""},
		{"a Mac, both", "darwin", "arm64", universal(machoAMD64, machoARM64), nil, "", 17, "", ""},
		{"a Mac does not go by java_path", "darwin", "arm64", machoFor(machoARM64), nil, "/nowhere", 17, "", ""},
		{"Windows on ARM", "windows", "arm64", peFor(peAMD64), nil, "", 17, "", "through Windows' own translation"},
		{"Windows", "windows", "amd64", peFor(peARM64), nil, "", 17, "it is for arm64", ""},
	} {
		jre, p := "/jre/bin/java", Program{"gateway", "1045", "/j/ibgateway/1045"}
		files := []string{"/j/ibgateway/1045/.install4j/inst_jre.cfg := /jre"}
		switch tt.goos {
		case "darwin":
			jre, p, files = bundle+"/bin/java", Program{"gateway", "10.45", "/a/IB Gateway 10.45"}, nil
		case "windows":
			jre, p, files = `C:\jre\bin\java.exe`, Program{"gateway", "1045", `C:\Jts\ibgateway\1045`}, []string{`C:\Jts\ibgateway\1045\.install4j\inst_jre.cfg := C:\jre`}
		}
		m := machine(tt.goos, slices.Concat(files, tt.files, []string{jre + " := " + tt.java, "/ibc/IBC.jar := " + ibcJar(t, tt.needs)})...)
		m.Arch = tt.arch
		java, err := m.Javas().CheckJava(p, IBC{Path: "/ibc", Version: "3.24.1"}, tt.javaPath)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) || java.How != tt.how {
			t.Errorf("%s: %+v, %v", tt.name, java, err)
		}
	}
}

func TestAJavaThatMayNotBeRunIsNamed(t *testing.T) {
	m := machine("linux", "/j/ibgateway/1045/.install4j/inst_jre.cfg := /jre", "/jre/bin/java")
	m.Files.(fstest.MapFS)["jre/bin/java"].Mode = fs.FileMode(0o600)
	if java, err := m.Javas().CheckJava(Program{"gateway", "1045", "/j/ibgateway/1045"}, IBC{}, ""); !errors.Is(err, ErrNotRunnable) {
		t.Errorf("%+v, %v", java, err)
	}
}

func TestOtherJavasAreThoseThatWouldDo(t *testing.T) {
	arm, intel := elfFor(elfARM64), elfFor(elfAMD64)
	m := machine("linux", "/usr/lib/jvm/java-17/bin/java := "+arm, "/usr/lib/jvm/java-17/release := JAVA_VERSION=\"17.0.9\"",
		"/usr/lib/jvm/java-21/bin/java := "+arm, "/usr/lib/jvm/java-21/release := JAVA_VERSION=\"21.0.1\"",
		"/usr/lib/jvm/java-8/bin/java := "+arm, "/usr/lib/jvm/java-8/release := JAVA_VERSION=\"1.8.0_392\"",
		"/usr/lib/jvm/intel/bin/java := "+intel, "/usr/lib/jvm/intel/release := JAVA_VERSION=\"22\"",
		"/opt/mine/bin/java := "+arm, "/opt/mine/release := JAVA_VERSION=\"17.0.10\"", "/ibc/IBC.jar := "+ibcJar(t, 17))
	m.Arch, m.Getenv = "arm64", func(key string) string { return map[string]string{"JAVA_HOME": "/opt/mine"}[key] }
	var got []string
	for _, j := range m.Javas().OtherJavas(IBC{Path: "/ibc"}) {
		got = append(got, j.Folder())
	}
	if want := []string{"/opt/mine/bin", "/usr/lib/jvm/java-17/bin", "/usr/lib/jvm/java-21/bin"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
