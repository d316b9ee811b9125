using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>Texts of configurations that are valid JSON and yet no texts.</summary>
public sealed class RunConfigurationFileTests
{
    [Theory]
    [InlineData("{\"network\":\"\\ud800\"}")]
    [InlineData("{\n\"network\":\"resnet20\",\n\"data\":\"a\\uDC00b\"}")]
    [InlineData("{\"\\ud800\":1}")]
    public void Half_a_character_is_no_text(string json)
    {
        var error = Assert.Throws<UsageException>(() => RunConfigurationFile.Parse(json, "c.json", new MethodRegistry([])));
        Assert.StartsWith("c.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("half of an escaped character", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_pair_is_a_character() =>
        Assert.Equal("\ud83d\udc31",
            RunConfigurationFile.Parse("{\"network\":\"resnet20\",\"data\":\"\\ud83d\\udc31\"}", "c.json", new MethodRegistry([])).Data);

    [Fact]
    public void A_configuration_that_is_a_pipe_is_no_regular_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes are made by mkfifo");
        string pipe = Path.Combine(Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}.json");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [pipe])) mkfifo.WaitForExit();
        try
        {
            Assert.Contains("not a regular file",
                Assert.Throws<UsageException>(() => RunConfigurationFile.Read(pipe, new MethodRegistry([]))).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(pipe);
        }
    }
}
