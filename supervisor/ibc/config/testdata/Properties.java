import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.TreeMap;

/**
 * Reads files from standard input, each as its length (four bytes) and its
 * bytes, and prints for each what java.util.Properties makes of it: a line of
 * key:value pairs in hexadecimal UTF-16, by key, or "refused".
 */
class Properties {
    public static void main(String[] arguments) throws Exception {
        DataInputStream in = new DataInputStream(System.in);
        PrintStream out = new PrintStream(new java.io.BufferedOutputStream(System.out), false, "US-ASCII");
        while (true) {
            int length;
            try {
                length = in.readInt();
            } catch (java.io.EOFException e) {
                out.flush();
                return;
            }
            out.println(read(in.readNBytes(length)));
        }
    }

    private static String read(byte[] file) throws Exception {
        java.util.Properties p = new java.util.Properties();
        try {
            p.load(new ByteArrayInputStream(file));
        } catch (IllegalArgumentException e) {
            return "refused";
        }
        TreeMap<String, String> byKey = new TreeMap<>();
        p.forEach((key, value) -> byKey.put(hex(key), hex(value)));
        StringBuilder line = new StringBuilder();
        byKey.forEach((key, value) -> line.append(key).append(':').append(value).append(' '));
        return line.toString().trim();
    }

    private static String hex(Object s) {
        return HexFormat.of().formatHex(((String) s).getBytes(StandardCharsets.UTF_16BE));
    }
}
