using System.Text.Json;
using Sconce.Tests.Files;
using Sconce.Tests.Weights;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>A run's folder that somebody else prepared, and a checkpoint that is damaged.</summary>
public sealed class PreparedFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(".owner")]
    [InlineData(".lock")]
    [InlineData("config.json")]
    [InlineData("log.jsonl")]
    [InlineData("last.ckpt")]
    [InlineData("best.ckpt")]
    [InlineData("events.out.tfevents.0.sconce")]
    public void A_link_under_one_of_a_run_s_names_is_refused_and_what_it_leads_to_stays(string name)
    {
        var victim = folder.File("victim.txt");
        File.WriteAllText(victim, "precious");
        var run = Directory.CreateDirectory(folder.File("run")).FullName;
        File.CreateSymbolicLink(Path.Combine(run, name), victim);
        var error = Assert.Throws<TrainingException>(() => RunFolder.Open(run).Dispose());
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("a link", error.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(victim));
    }

    [Fact]
    public void A_pipe_under_one_of_a_run_s_names_is_refused_at_once()
    {
        RegularFileTests.MakePipe(folder.File("log.jsonl"));
        Assert.Contains("a named pipe", Assert.Throws<TrainingException>(() => RunFolder.Open(folder.Path).Dispose()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Only_torn_files_of_ours_are_deleted()
    {
        var ours = folder.File($".last.ckpt.{Guid.NewGuid():N}.tmp");
        string[] others = [folder.File(".notes.tmp"), folder.File(".last.ckpt.tmp"), folder.File($".last.ckpt.{new string('Z', 32)}.tmp")];
        foreach (var file in (string[])[ours, .. others]) File.WriteAllText(file, "x");
        var link = folder.File($".best.ckpt.{Guid.NewGuid():N}.tmp");
        File.CreateSymbolicLink(link, others[0]);
        using (RunFolder.Open(folder.Path)) Assert.Equal($"{Environment.ProcessId}", File.ReadAllText(folder.File(".owner")));
        Assert.False(File.Exists(ours));
        Assert.All(others, file => Assert.True(File.Exists(file)));
        Assert.True(File.Exists(link));
    }

    [Theory]
    [InlineData("{\"epoch\":-3}", "epoch is -3")]
    [InlineData("{\"batch\":-4}", "batch is -4")]
    [InlineData("{\"step\":-9}", "step is -9")]
    [InlineData("{\"logBytes\":-1}", "logBytes is -1")]
    [InlineData("{\"eventBytes\":-1}", "eventBytes is -1")]
    [InlineData("{\"seconds\":\"NaN\"}", "seconds are NaN")]
    [InlineData("{\"history\":null}", "history is null")]
    [InlineData("{\"history\":[null]}", "an evaluation of its history is null")]
    [InlineData("{\"history\":[{\"epoch\":1,\"step\":1,\"trainLoss\":1,\"figures\":null}]}", "has no figures")]
    [InlineData("{\"history\":[],\"best\":{\"epoch\":1,\"step\":1,\"trainLoss\":1,\"figures\":{}}}", "best evaluation has no figures")]
    [InlineData("{\"history\":[],\"best\":{\"epoch\":-1,\"step\":1,\"trainLoss\":1,\"figures\":{\"a\":1}}}", "epoch is -1")]
    [InlineData("null", "null")]
    [InlineData("{\"history\":[{\"epoch\":1,\"step\":1,\"trainLoss\":1,\"figures\":{\"\\ud800\":1}}]}", "")]
    public void Progress_that_no_run_can_have_come_to_is_refused(string json, string fault) =>
        Assert.Contains(fault, Assert.Throws<JsonException>(() => RunProgress.FromJson(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"data\":\"\\ud800\"}", "half of an escaped character")]
    [InlineData("{\"network\":\"\\udc00\"}", "half of an escaped character")]
    [InlineData("{\"\\ud800\":1}", "half of an escaped character")]
    [InlineData("{\"classes\":[\"a\",\"\\ud800\"]}", "half of an escaped character")]
    [InlineData("{\"data\":\"a\\u0000b\"}", "NUL")]
    public void A_configuration_s_text_that_is_none_is_refused_with_the_file_s_name(string json, string fault)
    {
        var error = Assert.ThrowsAny<Exception>(() => RunConfigurationFile.Parse(json, "c.json", new MethodRegistry([])));
        Assert.Equal("UsageException", error.GetType().Name);
        Assert.StartsWith("c.json:", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }
}
