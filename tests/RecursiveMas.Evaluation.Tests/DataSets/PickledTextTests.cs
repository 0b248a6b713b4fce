using RecursiveMas.DataSets.Rows;
using RecursiveMas.DataSets.Sets;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.DataSets;

/// <summary>Packed tests: texts that Python has pickled are read, programs are not run.</summary>
public class PickledTextTests
{
    [Theory]
    [InlineData("eJxrYIooZGBgiK5WyswrKC1RslJQMonJU9JRUMovLYEKWEAESlKLS0oqC1JBQsUlKZl5SrU6Ckj6TNH1GRrg1BhbyKAHAK2EJI8=")]
    [InlineData("eJxrYI4oZGBgiK5WyswrKC1RslJQMonJU9JRUMovLYEKWEAESlKLS0oqC1JBQsUlKZl5SrU6Ckj6TNH1GRrg1BhbyKAHAK3+JJA=")]
    [InlineData("eJxrYJlaygABPYXR1UqZeQWlJUpWCkomMXlKOgpK+aUlUAELiEBJanFJSWVBKkiouCQlM0+pVkcBSZ8puj5DA5waY6foAQAlaCXy")]
    [InlineData("eJxrYJ1aygABPYXR1UqZeQWlJUpWCkomMXlKOgpK+aUlUAELiEBJanFJSWVBKkiouCQlM0+pVkcBSZ8puj5DA5waY6foAQAl5yXz")]
    [InlineData("[{\"input\": \"4\\n\", \"output\": \"8\\n\"}, {\"input\": \"5\\n\", \"output\": \"10\\n\"}]")]
    public void Cases_of_every_protocol(string packed) =>
        Assert.Equal([new InputOutputCase("4\n", "8\n"), new InputOutputCase("5\n", "10\n")], LiveCodeBenchSet.Unpack(packed, "q"));

    [Theory]
    [InlineData("eJxrYJmqzgABPawF+cWZFVN62Iori0tSc6dMntLDU5JfmpyhoF+SW6BfMaV1StAUPQB/MRFO", "that is not run")]
    [InlineData("eJxrYJnqxwABsVM0aqdo9LBm5hWUlkzpYTLhmtLDll9aAuFZAHkcJanFJSWVBalTeliLS1Iy86aUAnVkMPUwmXJNyWDpYTY0ANJsGeylqXoA/H8c8w==", "that is not run")]
    [InlineData("eJxrYJmqzgABPawF+cWZFVN62Iori0tSc6dMntLDU5Jf", "")]
    [InlineData("???", "cannot be unpacked")]
    public void Everything_else_is_refused(string packed, string named)
    {
        DataSetException error = Assert.Throws<DataSetException>(() => LiveCodeBenchSet.Unpack(packed, "q"));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x8c, 2, (byte)'h', (byte)'i', (byte)'.' }, "hi")]
    [InlineData(new byte[] { 0x8c, 3, (byte)'h', (byte)'i', (byte)'.' }, null)]
    [InlineData(new byte[] { 0x8c, 2, (byte)'h', (byte)'i' }, null)]
    [InlineData(new byte[] { 0x8c, 1, (byte)'h', 0x8c, 1, (byte)'i', (byte)'.' }, null)]
    [InlineData(new byte[] { 0x8d, 255, 255, 255, 255, 255, 255, 255, 255, (byte)'.' }, null)]
    [InlineData(new byte[] { (byte)'.' }, null)]
    [InlineData(new byte[] { (byte)'X', 1 }, null)]
    public void A_pickle_makes_one_text_or_nothing(byte[] pickle, string? text) => Assert.Equal(text, PickledText.Read(pickle));
}
