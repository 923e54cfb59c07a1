package kr.madang.launcher;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The walls of the house, over every class of the platform that the launcher can see. */
class HouseRulesTest {
  private static final String[] ROOMS = {
    "host", "journal", "engine", "inference", "control", "gateway"
  };

  private static final Set<String> CALLS =
      Set.of(
          "kr.madang.inference.Answer",
          "kr.madang.inference.CallError",
          "kr.madang.inference.Reply",
          "kr.madang.inference.Slabs",
          "kr.madang.inference.Slabs$Slab",
          "kr.madang.inference.Ticket");

  private static JavaClasses house;

  @BeforeAll
  static void enter() {
    house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("kr.madang");
  }

  @Test
  void everyRoomIsInTheHouse() {
    for (String room : ROOMS) {
      assertThat(house.containPackage("kr.madang." + room)).as(room).isTrue();
    }
    assertThat(house.containPackage("kr.madang.sdk")).isTrue();
  }

  @Test
  void theGroundFloorImportsNothingOfOurs() {
    imports("sdk").check(house);
  }

  @Test
  void theHostSeesTheGroundFloorOnly() {
    imports("host", "sdk").check(house);
  }

  @Test
  void theJournalSeesTheGroundFloorOnly() {
    imports("journal", "sdk").check(house);
  }

  @Test
  void theEngineSeesTheGroundFloorAndTheJournal() {
    imports("engine", "sdk", "journal").check(house);
  }

  @Test
  void inferenceSeesTheGroundFloorOnly() {
    imports("inference", "sdk").check(house);
  }

  @Test
  void controlSeesTheRoomsAndNoDoor() {
    imports("control", "sdk", "host", "journal", "engine", "inference").check(house);
  }

  @Test
  void theGatewaySeesControlAndTheValuesThatControlHandsOut() {
    DescribedPredicate<JavaClass> values =
        DescribedPredicate.describe(
            "values of the engine, the journal and inference, and what the tensors of calls live in",
            type ->
                (resideInAnyPackage(
                                "kr.madang.engine..",
                                "kr.madang.journal..",
                                "kr.madang.inference..")
                            .test(type)
                        && (type.isRecord() || type.isEnum() || CALLS.contains(type.getName())))
                    || type.getName().equals("kr.madang.engine.Tap"));
    noClasses()
        .that(resideInAPackage("kr.madang.gateway.."))
        .should()
        .dependOnClassesThat(
            resideInAPackage("kr.madang..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage(
                            "kr.madang.sdk..", "kr.madang.control..", "kr.madang.gateway..")))
                .and(DescribedPredicate.not(values)))
        .check(house);
  }

  @Test
  void nobodyImportsTheRoof() {
    noClasses()
        .that()
        .resideOutsideOfPackage("kr.madang.launcher..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("kr.madang.launcher..")
        .check(house);
  }

  @Test
  void vertxStandsInTheDoorsAndTheRoofOnly() {
    onlyIn(new String[] {"gateway", "launcher"}, "io.vertx..", "io.netty..");
  }

  @Test
  void pf4jStandsInTheHostOnly() {
    onlyIn(new String[] {"host"}, "org.pf4j..");
  }

  @Test
  void onnxRuntimeStandsInInferenceOnly() {
    onlyIn(new String[] {"inference"}, "ai.onnxruntime..");
  }

  @Test
  void openTelemetryStandsWithTheSpansOfTheDoorsOnly() {
    onlyIn(new String[] {"gateway.trace"}, "io.opentelemetry..");
  }

  @Test
  void celStandsInTheEngineOnly() {
    onlyIn(new String[] {"engine"}, "dev.cel..");
  }

  @Test
  void sqliteStandsInControlOnly() {
    onlyIn(new String[] {"control"}, "org.sqlite..");
  }

  @Test
  void filesAreForcedThroughTheDiskOfTheJournalOnly() {
    noClasses()
        .that(resideInAPackage("kr.madang.journal.."))
        .and(DescribedPredicate.not(resideInAPackage("kr.madang.journal.disk..")))
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.nio\\.file\\.Files|java\\.nio\\.channels\\..*FileChannel"
                + "|java\\.io\\.(File|RandomAccessFile).*")
        .check(house);
  }

  @Test
  void theGroundFloorStandsOnArrowAndTheJdk() {
    noClasses()
        .that(resideInAPackage("kr.madang.sdk.."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.vertx..", "org.pf4j..", "ai.onnxruntime..", "com.fasterxml..", "ch.qos..")
        .check(house);
  }

  @Test
  void timeComesFromTheClockThatWasGiven() {
    noClasses()
        .that()
        .resideOutsideOfPackages("kr.madang.launcher..", "kr.madang.sdk.testkit..")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(InstantSource.class, "system")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .check(house);
  }

  @Test
  void theEnvironmentIsReadUnderTheRoofAndForSecrets() {
    DescribedPredicate<JavaClass> elsewhere =
        DescribedPredicate.describe(
            "classes elsewhere",
            type ->
                !type.getPackageName().startsWith("kr.madang.launcher")
                    && !type.getPackageName().startsWith("kr.madang.sdk.testkit")
                    && !type.getSimpleName().equals("Secrets"));
    noClasses()
        .that(elsewhere)
        .should()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(house);
  }

  @Test
  void namesSayWhatThingsAre() {
    classes()
        .that(resideInAPackage("kr.madang.."))
        .should()
        .haveNameNotMatching(".*(Impl|Manager|Utils?|Helper)(\\$.*)?")
        .check(house);
    noClasses()
        .should()
        .resideInAnyPackage(
            "kr.madang..util..",
            "kr.madang..utils..",
            "kr.madang..common..",
            "kr.madang..core..",
            "kr.madang..impl..",
            "kr.madang..manager..")
        .check(house);
  }

  @Test
  void roomsAndTheirPartsAreFreeOfCycles() {
    slices().matching("kr.madang.(*)..").should().beFreeOfCycles().check(house);
    slices().matching("kr.madang.(*).(*)..").should().beFreeOfCycles().check(house);
  }

  @Test
  void publicClassesAreFinalOrMeantToBeExtended() {
    Set<String> open =
        Set.copyOf(
            house.stream()
                .filter(type -> type.getPackageName().startsWith("kr.madang"))
                .filter(type -> !type.getPackageName().startsWith("kr.madang.sdk"))
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(type -> !type.isInterface() && !type.isEnum() && !type.isRecord())
                .filter(type -> !type.getModifiers().contains(JavaModifier.FINAL))
                .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .toList());
    assertThat(open).isEmpty();
  }

  @Test
  void everyPackageSaysWhatMayBeNull() {
    for (JavaPackage one : house.getPackage("kr.madang").getSubpackagesInTree()) {
      if (!one.getClasses().isEmpty()) {
        assertThat(one.isAnnotatedWith(NullMarked.class)).as(one.getName()).isTrue();
      }
    }
  }

  private static com.tngtech.archunit.lang.ArchRule imports(String room, String... allowed) {
    String[] known =
        Arrays.stream(allowed).map(name -> "kr.madang." + name + "..").toArray(String[]::new);
    return noClasses()
        .that(resideInAPackage("kr.madang." + room + ".."))
        .and(DescribedPredicate.not(resideInAPackage("kr.madang.sdk.testkit..")))
        .should()
        .dependOnClassesThat(
            resideInAPackage("kr.madang..")
                .and(DescribedPredicate.not(resideInAPackage("kr.madang." + room + "..")))
                .and(DescribedPredicate.not(resideInAnyPackage(known))));
  }

  private static void onlyIn(String[] rooms, String... packages) {
    String[] homes =
        Arrays.stream(rooms).map(room -> "kr.madang." + room + "..").toArray(String[]::new);
    noClasses()
        .that()
        .resideOutsideOfPackages(homes)
        .and(resideInAPackage("kr.madang.."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .check(house);
  }
}
