package dev.moorage.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.ByteBuffer;

/** The arrows between the rooms, and what may not enter a room. ARCHITECTURE.md has the same in words and a picture. */
@AnalyzeClasses(packages = "dev.moorage", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String GENERATED = "dev.moorage.protocol.v1..";

    @ArchTest
    static final ArchRule dependencies_point_downwards = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("node")
            .definedBy("dev.moorage.node..")
            .layer("client")
            .definedBy("dev.moorage.client..")
            .layer("coordinator")
            .definedBy("dev.moorage.coordinator..")
            .layer("worker")
            .definedBy("dev.moorage.worker..")
            .layer("checkpoint")
            .definedBy("dev.moorage.checkpoint..")
            .layer("storage")
            .definedBy("dev.moorage.storage..")
            .layer("protocol")
            .definedBy("dev.moorage.protocol..")
            .whereLayer("node")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("client")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("coordinator")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("worker")
            .mayOnlyBeAccessedByLayers("node")
            .whereLayer("checkpoint")
            .mayOnlyBeAccessedByLayers("node", "client", "coordinator", "worker")
            .whereLayer("storage")
            .mayOnlyBeAccessedByLayers("node", "client", "coordinator", "worker", "checkpoint");

    @ArchTest
    static final ArchRule packages_have_no_cycles = slices().matching("dev.moorage.(**)")
            .should()
            .beFreeOfCycles()
            .ignoreDependency(
                    JavaClass.Predicates.resideInAPackage(GENERATED), DescribedPredicate.<JavaClass>alwaysTrue());

    @ArchTest
    static final ArchRule rules_are_pure = noClasses()
            .that()
            .resideInAnyPackage("..core..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.pekko..", "io.grpc..", "dev.moorage.storage..", "java.nio.file..", "java.net..");

    @ArchTest
    static final ArchRule rules_know_no_time_of_their_own = noClasses()
            .that()
            .resideInAnyPackage("..core..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(java.time.Clock.class, java.time.Instant.class);

    @ArchTest
    static final ArchRule only_the_daemons_know_actors = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.moorage.coordinator..",
                    "dev.moorage.worker..",
                    "dev.moorage.node..",
                    "dev.moorage.protocol.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.pekko..");

    @ArchTest
    static final ArchRule grpc_stays_at_the_edges = noClasses()
            .that()
            .resideOutsideOfPackages("..grpc..", "dev.moorage.client..", GENERATED)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.grpc..");

    @ArchTest
    static final ArchRule zstd_stays_inside_the_codecs = noClasses()
            .that()
            .resideOutsideOfPackage("dev.moorage.checkpoint")
            .or()
            .haveSimpleNameNotContaining("Zstd")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.github.luben..");

    @ArchTest
    static final ArchRule json_is_a_matter_of_records_and_output = noClasses()
            .that()
            .resideOutsideOfPackages("dev.moorage.checkpoint..", "dev.moorage.client..", "dev.moorage.node..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml.jackson..");

    @ArchTest
    static final ArchRule values_need_the_jdk_alone = noClasses()
            .that()
            .resideInAnyPackage("dev.moorage.protocol", "dev.moorage.protocol.record")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("java..", "dev.moorage.protocol", "dev.moorage.protocol.record");

    @ArchTest
    static final ArchRule messages_name_bytes_and_never_carry_them = noFields()
            .that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(
                    "dev.moorage.protocol.cluster", "dev.moorage.protocol.record", "dev.moorage.coordinator.core")
            .should()
            .haveRawType(byte[].class)
            .orShould()
            .haveRawType(ByteBuffer.class);

    @ArchTest
    static final ArchRule names_say_what_a_thing_is = noClasses()
            .that()
            .resideOutsideOfPackage(GENERATED)
            .should()
            .haveNameMatching(".*(Manager|Helper|Utils?|Impl|Abstract[A-Z].*)");

    @ArchTest
    static final ArchRule configuration_is_read_once = noClasses()
            .that()
            .resideInAnyPackage("..core..", "dev.moorage.checkpoint..", "dev.moorage.storage..", "dev.moorage.client..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.typesafe.config..");
}
