package dev.moorage.architecture;

import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The suffix is what the test runner looks for: a class without it would be skipped in silence. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TestNamesTest {
    @Test
    void every_class_with_tests_is_named_so() throws Exception {
        classes()
                .that()
                .containAnyMethodsThat(annotatedWith(Test.class).or(annotatedWith(Property.class)))
                .and()
                .areNotInterfaces()
                .and()
                .areTopLevelClasses()
                .should()
                .haveSimpleNameEndingWith("Test")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.OnlyIncludeTests())
                        .importPaths(testClasses()));
    }

    /** Of all modules that lie beside this one: the reactor's, not the jars of the class path. */
    private static List<Path> testClasses() throws Exception {
        try (Stream<Path> modules = Files.list(Path.of("..").toRealPath())) {
            return modules.map(module -> module.resolve("target").resolve("test-classes"))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }
}
