import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.text.SimpleDateFormat;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Calendar;
import java.util.Locale;
import java.util.TimeZone;

/**
 * Reads values from standard input, one a line, and prints for each what Java
 * makes of it with the classes and patterns that IBC uses, separated by "|":
 * "HH:mm" for ColdRestartTime, "E HH:mm" for ClosedownAt, "hh:mm a" for
 * AutoRestartTime, and, if an argument asks for it, the address.
 */
class Readings {
    public static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.US);
        TimeZone.setDefault(TimeZone.getTimeZone("UTC")); // no day of 23 hours
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        StringBuilder out = new StringBuilder();
        for (String value; (value = in.readLine()) != null; ) {
            out.append(arguments.length > 0 ? address(value) : clock(value) + "|" + day(value) + "|" + half(value)).append('\n');
        }
        System.out.print(out);
    }

    private static String clock(String value) {
        try {
            return new SimpleDateFormat("HH:mm").format(new SimpleDateFormat("HH:mm").parse(value));
        } catch (ParseException e) {
            return "";
        }
    }

    private static String day(String value) {
        try {
            return new SimpleDateFormat("EEE HH:mm").format(new SimpleDateFormat("E HH:mm").parse(value));
        } catch (ParseException e) {
            Calendar now = Calendar.getInstance();
            try {
                String today = new SimpleDateFormat("E").format(now.getTime());
                return new SimpleDateFormat("HH:mm").format(new SimpleDateFormat("E HH:mm").parse(today + " " + value));
            } catch (ParseException none) {
                return "";
            }
        }
    }

    private static String half(String value) {
        try {
            return LocalTime.parse(value, DateTimeFormatter.ofPattern("hh:mm a")).toString();
        } catch (DateTimeParseException e) {
            return "";
        }
    }

    private static String address(String value) {
        try {
            return InetAddress.getByName(value).getHostAddress();
        } catch (Exception e) {
            return "";
        }
    }
}
