package kiln.launcher.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.text.Utf8;
import kiln.launcher.text2text.Answer;
import kiln.launcher.text2text.TextToText;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln text2text}. */
@Command(
    name = "text2text",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Answers texts with a ByT5, in the folder that transformers gives it.",
      "",
      "Always the likeliest token is written. One line per text, in their order. A text is plain bytes: what looks like a "
          + "special token in it is none."
    })
final class Text2TextCommand implements Runnable {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Folder with config.json, weights (safetensors) and tokenizer_config.json.")
  private Path model;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "What to answer; may be repeated.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private List<String> texts = List.of();

  @Option(names = "--text-file", paramLabel = "FILE", description = "More texts, one per line, UTF-8.")
  private Path textFile;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description = "Where an answer that does not end is stopped, in bytes.")
  private int maxNewTokens;

  @Mixin private BackendMixin backend;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    if (texts.isEmpty() && textFile == null) {
      throw new ParameterException(spec.commandLine(), "option --text: expected at least one, or --text-file FILE");
    }
    if (maxNewTokens < 1) {
      throw new ParameterException(
          spec.commandLine(), "option --max-new-tokens: expected at least 1, found " + maxNewTokens);
    }
    List<String> all = new ArrayList<>(texts);
    if (textFile != null) {
      all.addAll(lines(textFile));
    }
    List<Answer> answers;
    try (TextToText t5 = TextToText.open(model, backend.choice())) {
      answers = t5.answer(all, maxNewTokens);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    for (int i = 0; i < answers.size(); i++) {
      Answer answer = answers.get(i);
      out.println(answer.text());
      if (!answer.cut().isEmpty()) {
        err.println("kiln: text " + (i + 1) + ": longer than the model reads; left out: " + answer.cut());
      }
      if (!answer.ended()) {
        err.println("kiln: text " + (i + 1) + ": the answer was stopped by --max-new-tokens " + maxNewTokens);
      }
    }
    out.flush();
    err.flush();
  }

  private static List<String> lines(Path file) {
    try {
      List<String> lines = Utf8.decode(Files.readAllBytes(file), file.toString()).lines().toList();
      if (lines.isEmpty()) {
        throw new UserException("option --text-file: " + file + ": found no line");
      }
      return lines;
    } catch (NoSuchFileException e) {
      throw new UserException("option --text-file: " + file + ": no such file");
    } catch (IOException e) {
      throw new UserException("option --text-file: " + file + ": cannot be read: " + e.getMessage());
    } catch (Utf8.InvalidUtf8Exception e) {
      throw new UserException("option --text-file: " + e.getMessage());
    }
  }
}
