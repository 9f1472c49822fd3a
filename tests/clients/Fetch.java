// Java's HttpClient, written as in a typical program: `java Fetch.java VARIANT`.
// Reads the address, the CA's file and one `NAME PASSWORD` for each call, a line each and
// percent-encoded; prints a JSON list of statuses.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import static java.nio.charset.StandardCharsets.UTF_8;

public class Fetch {
    static SSLContext trusting(String ca) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var file = Files.newInputStream(Path.of(ca))) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    static Authenticator answering(String name, String password) {
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(name, password.toCharArray());
            }
        };
    }

    public static void main(String[] variant) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        URI url = URI.create(lines.readLine());
        String ca = lines.readLine();
        List<Object> outcomes = new ArrayList<>();
        for (String line; (line = lines.readLine()) != null;) {
            String[] call = line.split(" ");
            String name = URLDecoder.decode(call[0], UTF_8);
            String password = URLDecoder.decode(call[1], UTF_8);
            HttpClient.Builder client = HttpClient.newBuilder();
            if (url.getScheme().equals("https")) {
                client.sslContext(trusting(ca));
            }
            HttpRequest.Builder request = HttpRequest.newBuilder(url);
            switch (variant[0]) {
                case "authenticator" -> client.authenticator(answering(name, password));
                case "header", "post" -> request.header("Authorization", "Basic "
                    + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(UTF_8)));
                default -> throw new IllegalArgumentException(variant[0]);
            }
            if (variant[0].equals("post")) {
                request.POST(HttpRequest.BodyPublishers.ofString("{\"keep_api_password\": true}"));
                request.header("Content-Type", "application/json");
            }
            try {
                outcomes.add(client.build().send(request.build(), BodyHandlers.discarding()).statusCode());
            } catch (java.io.IOException refused) {
                // The client throws after a second 401, in response to its credentials.
                outcomes.add(refused.getMessage().startsWith("too many authentication attempts") ? 401
                    : "\"" + refused.getClass().getSimpleName() + "\"");
            }
        }
        System.out.println(outcomes);
    }
}
