package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SafetensorsTest {
    private static final TensorEntry.Slice SLICE = new TensorEntry.Slice(List.of(8L, 3L), List.of(2L, 0L));

    @Test
    void a_header_that_is_written_is_read_back() {
        List<Safetensors.Tensor> tensors = List.of(
                new Safetensors.Tensor("w", Dtype.BF16, List.of(4L, 3L), Optional.of(SLICE)),
                new Safetensors.Tensor("empty", Dtype.F32, List.of(0L, 7L), Optional.empty()),
                new Safetensors.Tensor("scalar \"é\"", Dtype.I64, List.of(), Optional.empty()));

        ByteBuffer header = Safetensors.header(tensors, Map.of("format", "pt"));
        SafetensorsHeader parsed = Safetensors.parse(header, header.remaining() + 32);

        long begin = header.remaining();
        assertThat(parsed.headerBytes()).isEqualTo(begin).matches(bytes -> bytes % 8 == 0);
        assertThat(parsed.metadata()).containsEntry("format", "pt");
        assertThat(parsed.tensors())
                .containsExactly(
                        new TensorEntry("w", Dtype.BF16, List.of(4L, 3L), begin, 24, Optional.of(SLICE)),
                        new TensorEntry("empty", Dtype.F32, List.of(0L, 7L), begin + 24, 0, Optional.empty()),
                        new TensorEntry("scalar \"é\"", Dtype.I64, List.of(), begin + 24, 8, Optional.empty()));
    }

    @Test
    void a_file_without_tensors_is_a_file() {
        assertThat(parse("{}", 0).tensors()).isEmpty();
        assertThat(parse("{}    ", 0).headerBytes()).isEqualTo(14);
    }

    @Test
    void tensors_are_sorted_by_where_they_begin() {
        SafetensorsHeader header = parse(
                "{'b':{'dtype':'U8','shape':[2],'data_offsets':[1,3]},'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}",
                3);

        assertThat(header.tensors()).extracting(TensorEntry::name).containsExactly("a", "b");
    }

    @ParameterizedTest(name = "{0} with {1} bytes: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            []                                                                    | 0  | does not begin with '{'
            x{}                                                                   | 0  | does not begin with '{'
            {} x                                                                  | 0  | JSON
            {}{}                                                                  | 0  | after its closing brace
            {'a':                                                                 | 0  | JSON
            {'a':1}                                                               | 0  | tensor 'a' must be an object
            {'a':{}}                                                              | 0  | tensor 'a' lacks dtype
            {'a':{'dtype':'U8','shape':[4]}}                                      | 4  | tensor 'a' lacks dtype, shape or data_offsets
            {'a':{'dtype':'F7','shape':[4],'data_offsets':[0,4]}}                 | 4  | tensor 'a' has the unknown dtype 'F7'
            {'a':{'dtype':7,'shape':[4],'data_offsets':[0,4]}}                    | 4  | tensor 'a' has a dtype that is not a text
            {'a':{'dtype':'U8','shape':4,'data_offsets':[0,4]}}                   | 4  | tensor 'a' has a shape that is not a list
            {'a':{'dtype':'U8','shape':[NaN],'data_offsets':[0,4]}}               | 4  | tensor 'a' is not valid JSON: Non-standard token 'NaN'
            {'a':{'dtype':'U8','shape':[4.0],'data_offsets':[0,4]}}               | 4  | tensor 'a' has a shape with '4.0'
            {'a':{'dtype':'U8','shape':[4e0],'data_offsets':[0,4]}}               | 4  | tensor 'a' has a shape with '4e0'
            {'a':{'dtype':'U8','shape':['4'],'data_offsets':[0,4]}}               | 4  | tensor 'a' has a shape with '4'
            {'a':{'dtype':'U8','shape':[-4],'data_offsets':[0,4]}}                | 4  | tensor 'a' has a shape with '-4'
            {'a':{'dtype':'U8','shape':[null],'data_offsets':[0,4]}}              | 4  | tensor 'a' has a shape with 'null'
            {'a':{'dtype':'U8','shape':[99999999999999999999],'data_offsets':[0,4]}} | 4 | tensor 'a' has a shape with '99999999999999999999'
            {'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,0]}} | 0 | tensor 'a' has the shape [4611686018427387904, 4], whose size
            {'a':{'dtype':'F32','shape':[1],'data_offsets':[0,8]}}                | 8  | tensor 'a' has 8 bytes by its data_offsets, but shape [1] of F32 takes 4
            {'a':{'dtype':'U8','shape':[8],'data_offsets':[0,8]}}                 | 4  | tensor 'a' has data_offsets 0 to 8 in a file with 4 bytes
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[4,0]}}                 | 4  | tensor 'a' has data_offsets 4 to 0
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[0]}}                   | 4  | tensor 'a' must have two data_offsets
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4,4]}}               | 4  | tensor 'a' must have two data_offsets
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4],'x':1}}           | 4  | tensor 'a' has an unknown field 'x'
            {'a':{'dtype':'U8','dtype':'U8','shape':[4],'data_offsets':[0,4]}}    | 4  | tensor 'a' has two dtypes
            {'a':{'dtype':'U8','shape':[4],'shape':[4],'data_offsets':[0,4]}}     | 4  | tensor 'a' has two shapes
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}} | 4 | tensor 'a' appears twice
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],'data_offsets':[2,6]}} | 6 | tensor 'b' begins at byte 2 of the data, but the tensors before it end at 4: they overlap
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],'data_offsets':[5,9]}} | 9 | tensor 'b' begins at byte 5 of the data, but the tensors before it end at 4: nobody owns
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[1,5]}}                 | 5  | tensor 'a' begins at byte 1
            {'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}                 | 5  | has 5 bytes of data, but its tensors end at 4
            {}                                                                    | 1  | has 1 bytes of data, but its tensors end at 0
            {'__metadata__':[]}                                                   | 0  | __metadata__ must be an object of texts
            {'__metadata__':{'k':1}}                                              | 0  | __metadata__ must hold texts only; 'k' is none
            {'__metadata__':{'k':{'a':'b'}}}                                      | 0  | __metadata__ must hold texts only; 'k' is none
            {'__metadata__':{'k':'1','k':'2'}}                                    | 0  | __metadata__ holds 'k' twice
            {'__metadata__':{},'__metadata__':{}}                                 | 0  | __metadata__ appears twice
            {'\\ud800':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}           | 1  | name that is not Unicode
            {'__metadata__':{'moorage.slice.a':'[]'},'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}} | 1 | tensor 'a' has a slice that is not an object
            {'__metadata__':{'moorage.slice.a':'x'},'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}} | 1 | tensor 'a' has a slice that is not valid JSON
            {'__metadata__':{'moorage.slice.a':'{}'},'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}} | 1 | tensor 'a' has shape [1], which does not lie in [] at []
            {'__metadata__':{'moorage.slice.a':'{\\"shape\\":[4],\\"offset\\":[4]}'},'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}} | 1 | tensor 'a' has shape [1], which does not lie in [4] at [4]
            """)
    void a_header_that_lies_is_refused_in_words(String json, int dataBytes, String message) {
        assertInvalid(file(json, dataBytes), message);
    }

    @Test
    void a_header_that_is_longer_than_the_file_or_the_limit_is_refused() {
        assertInvalid(new byte[7], "this one has 7 bytes in all");
        assertInvalid(lengthOnly(100), "says that it has 100 bytes, but only 0 follow; the file is cut short");
        assertInvalid(lengthOnly(0), "is empty");
        assertInvalid(lengthOnly(-1), "says that it has 18446744073709551615 bytes, the limit is 100000000");
        assertInvalid(lengthOnly(100_000_001), "the limit is 100000000");
        assertInvalid(lengthOnly(0x504B_0304), "is this a safetensors file?");
    }

    @Test
    void bytes_that_are_not_utf8_are_refused() {
        byte[] file = file("{'a?':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}", 1);
        file[11] = (byte) 0xFF;

        assertInvalid(file, "is not UTF-8");
    }

    @Test
    void control_characters_of_a_name_do_not_reach_the_message() {
        assertInvalid(file("{'a\\nb':1}", 0), "tensor 'a\\u000ab'");
    }

    @Test
    void the_same_name_twice_is_not_written() {
        Safetensors.Tensor tensor = new Safetensors.Tensor("w", Dtype.U8, List.of(1L), Optional.empty());

        assertThatThrownBy(() -> Safetensors.header(List.of(tensor, tensor), Map.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("'w'");
    }

    private static void assertInvalid(byte[] file, String message) {
        assertThatThrownBy(() -> Safetensors.parse(new MemorySource(ByteBuffer.wrap(file))))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.INVALID))
                .hasMessageContaining(message);
    }

    private static SafetensorsHeader parse(String json, int dataBytes) {
        return Safetensors.parse(new MemorySource(ByteBuffer.wrap(file(json, dataBytes))));
    }

    /** A file with that header, double quotes written as single ones. */
    private static byte[] file(String json, int dataBytes) {
        byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + bytes.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] lengthOnly(long length) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }
}
