package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An object of an S3-compatible service. */
record S3Store(S3Client client, String bucket, String key) implements RangedStore {
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18})");

  @Override
  public String location() {
    return "s3://" + bucket + "/" + key;
  }

  @Override
  public Part open(long from, long until, String version) throws IOException {
    GetObjectRequest.Builder request = GetObjectRequest.builder().bucket(bucket).key(key).ifMatch(version);
    if (from > 0 || until != Long.MAX_VALUE) {
      request.range("bytes=" + from + "-" + (until == Long.MAX_VALUE ? "" : until - 1));
    }
    try {
      ResponseInputStream<GetObjectResponse> body = client.getObject(request.build());
      GetObjectResponse response = body.response();
      Matcher range = CONTENT_RANGE.matcher(response.contentRange() == null ? "" : response.contentRange());
      return range.matches()
          ? new Part(new Body(body), Long.parseLong(range.group(1)), Long.parseLong(range.group(2)), response.eTag())
          : new Part(new Body(body), 0, response.contentLength() == null ? -1 : response.contentLength(), response.eTag());
    } catch (SdkException e) {
      throw failure(e);
    }
  }

  @Override
  public Part probe() throws IOException {
    try {
      HeadObjectResponse response = client.headObject(request -> request.bucket(bucket).key(key));
      return new Part(InputStream.nullInputStream(), 0, response.contentLength(), response.eTag());
    } catch (SdkException e) {
      throw failure(e);
    }
  }

  private InputException failure(SdkException e) {
    if (e instanceof S3Exception answer) {
      int status = answer.statusCode();
      if (status == 412 || status == 416) {
        return InputException.lasting(InputException.CHANGED, location(), "has changed while it was read");
      }
      String said = answer.awsErrorDetails() == null ? null : answer.awsErrorDetails().errorMessage();
      return HttpStatus.failure(status, location(), "HTTP status " + status + (said == null ? "" : ", " + Failures.line(said)));
    }
    return InputException.passing(InputException.UNREACHABLE, location(), "no answer: " + Failures.text(e), e);
  }

  /** Closing in the middle ends the connection instead of reading the rest. */
  private final class Body extends BulkStream {
    private final ResponseInputStream<GetObjectResponse> body;
    private boolean complete;

    Body(ResponseInputStream<GetObjectResponse> body) {
      this.body = body;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
      try {
        int got = body.read(target, offset, count);
        complete |= got < 0;
        return got;
      } catch (SocketTimeoutException e) {
        throw InputException.passing(InputException.TOO_SLOW, location(), "not a byte in time", e);
      } catch (SdkClientException e) { // a checksum that is stored with the object
        throw InputException.lasting(InputException.BROKEN, location(), Failures.text(e));
      }
    }

    @Override
    public void close() throws IOException {
      if (complete) {
        body.close();
      } else {
        body.abort();
      }
    }
  }
}
