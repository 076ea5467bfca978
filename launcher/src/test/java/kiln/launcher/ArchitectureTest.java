package kiln.launcher;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.netty.channel.ServerChannel;
import java.beans.XMLDecoder;
import java.io.ObjectInputStream;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The direction of the dependencies, as the README's table of folders states it. */
class ArchitectureTest {
  private static JavaClasses kiln;

  @BeforeAll
  static void importClasses() {
    kiln =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar")) // model's, which the launcher's tests use
            .importPackages("kiln");
  }

  @Test
  void shouldKeepBindingsAtTheBottom() {
    noClasses().that().resideInAPackage("kiln.bindings..").should().dependOnClassesThat()
        .resideInAnyPackage("kiln.collectives..", "kiln.model..", "kiln.data..", "kiln.launcher..").check(kiln);
  }

  @Test
  void shouldKeepModelFreeOfRanksAndData() {
    noClasses().that().resideInAPackage("kiln.model..").should().dependOnClassesThat()
        .resideInAnyPackage("kiln.collectives..", "kiln.data..", "kiln.launcher..").check(kiln);
  }

  @Test
  void shouldKeepCollectivesFreeOfModelAndData() {
    noClasses().that().resideInAPackage("kiln.collectives..").should().dependOnClassesThat()
        .resideInAnyPackage("kiln.model..", "kiln.data..", "kiln.launcher..").check(kiln);
  }

  @Test
  void shouldKeepDataFreeOfModelAndRanks() {
    noClasses().that().resideInAPackage("kiln.data..").should().dependOnClassesThat()
        .resideInAnyPackage("kiln.collectives..", "kiln.model..", "kiln.launcher..").check(kiln);
  }

  @Test
  void shouldTouchRestrictedMethodsInBindingsOnly() {
    DescribedPredicate<JavaAccess<?>> restricted =
        DescribedPredicate.describe(
            "a restricted method",
            access ->
                access.getTargetOwner().isAssignableTo(Linker.class)
                    || access.getTargetOwner().isAssignableTo(SymbolLookup.class)
                    || (access.getTargetOwner().isEquivalentTo(MemorySegment.class)
                        && access.getTarget().getName().equals("reinterpret"))
                    || (access.getTargetOwner().isEquivalentTo(System.class)
                        && access.getTarget().getName().startsWith("load")));
    noClasses().that().resideOutsideOfPackage("kiln.bindings..").should().accessTargetWhere(restricted).check(kiln);
  }

  /** What comes from a file or a peer is numbers, texts and JSON; nothing in it can name a class. */
  @Test
  void shouldDeserialiseNoObjects() {
    noClasses().should().dependOnClassesThat().belongToAnyOf(ObjectInputStream.class, XMLDecoder.class).check(kiln);
  }

  /** A comparison that ends at the first difference tells a peer how much of its guess was right. */
  @Test
  void shouldCompareProofsInConstantTime() {
    DescribedPredicate<JavaAccess<?>> early =
        DescribedPredicate.describe(
            "a comparison of arrays that ends early",
            access ->
                access.getTargetOwner().isEquivalentTo(Arrays.class)
                    && access.getTarget().getName().matches("equals|compare.*|mismatch"));
    noClasses().that().resideInAPackage("kiln.launcher.control..").should().accessTargetWhere(early).check(kiln);
    classes().that().haveSimpleName("JobSecret")
        .should().callMethod(MessageDigest.class, "isEqual", byte[].class, byte[].class).check(kiln);
  }

  @Test
  void shouldListenInTheControlPlaneOnly() {
    noClasses().that().resideOutsideOfPackage("kiln.launcher.control..").should().dependOnClassesThat(
        assignableTo(ServerSocket.class)
            .or(assignableTo(ServerSocketChannel.class))
            .or(assignableTo(ServerChannel.class))
            .or(assignableTo("com.sun.net.httpserver.HttpServer"))).check(kiln);
  }

  @Test
  void shouldHaveNoCyclesBetweenPackages() {
    slices().matching("kiln.(*).(*)..").should().beFreeOfCycles().check(kiln);
  }
}
