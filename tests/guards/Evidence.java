import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.InMemoryDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Demands that EU DSS accepts each container whole and with nothing fetched, and refuses it with one
 * bit of the document changed, without what its issuers said, and by another root.
 *
 * <p>Usage: {@code Evidence ROOT CONTAINER...}
 */
final class Evidence {
    private static final String SIGNATURE = "META-INF/signature.p7s";
    private static final String AS_SENT = "META-INF/as-sent.p7s";

    private static boolean failed = false;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length < 2) {
            throw new IllegalArgumentException("a root and containers");
        }
        var root = new File(arguments[0]);
        for (int at = 1; at < arguments.length; at++) {
            var name = arguments[at];
            var whole = Files.readAllBytes(Path.of(name));
            demand(name, verdict(root, whole), Indication.TOTAL_PASSED);
            demand(name + ", a bit changed", verdict(root, changed(whole)), Indication.TOTAL_FAILED);
            demand(name + ", as sent", verdict(root, bare(whole)), Indication.INDETERMINATE);
            demand(name + ", no root", verdict(null, whole), Indication.INDETERMINATE);
        }
        System.exit(failed ? 1 : 0);
    }

    private static void demand(String what, SimpleReport report, Indication wanted) {
        var found = report.getSignaturesCount() == 1
                ? report.getIndication(report.getFirstSignatureId()) : null;
        System.out.println(what + ": " + found + " "
                + report.getSubIndication(report.getFirstSignatureId()) + ", "
                + report.getContainerType() + ", "
                + report.getSignatureFormat(report.getFirstSignatureId()));
        if (found != wanted) {
            failed = true;
            System.out.println("  it should be " + wanted);
            for (var error : report.getAdESValidationErrors(report.getFirstSignatureId())) {
                System.out.println("  " + error.getValue());
            }
        }
    }

    /** The verdict of a validator that knows one root and asks nobody. */
    private static SimpleReport verdict(File root, byte[] container) {
        var roots = new CommonTrustedCertificateSource();
        if (root != null) {
            roots.addCertificate(DSSUtils.loadCertificate(root));
        }
        var verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(roots);
        verifier.setAIASource(null);
        verifier.setOcspSource(null);
        verifier.setCrlSource(null);
        var validator = SignedDocumentValidator.fromDocument(new InMemoryDocument(container));
        validator.setCertificateVerifier(verifier);
        return validator.validateDocument().getSimpleReport();
    }

    /** The container with the last bit of its document changed. */
    private static byte[] changed(byte[] container) throws Exception {
        return rewritten(container, (name, content) -> {
            if (!name.startsWith("META-INF/") && !name.equals("mimetype")) {
                content[content.length - 1] ^= 1;
            }
            return content;
        });
    }

    /** The container with the signature as its signer has sent it. */
    private static byte[] bare(byte[] container) throws Exception {
        var sent = new byte[1][];
        rewritten(container, (name, content) -> {
            if (name.equals(AS_SENT)) {
                sent[0] = content;
            }
            return content;
        });
        return rewritten(container, (name, content) -> name.equals(SIGNATURE) ? sent[0] : content);
    }

    private interface Change {
        byte[] of(String name, byte[] content);
    }

    private static byte[] rewritten(byte[] container, Change change) throws Exception {
        var written = new ByteArrayOutputStream();
        try (var in = new ZipInputStream(new ByteArrayInputStream(container));
                var out = new ZipOutputStream(written)) {
            for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(change.of(entry.getName(), in.readAllBytes()));
            }
        }
        return written.toByteArray();
    }
}
