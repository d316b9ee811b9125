using Sconce.Tests.Weights;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>Names of classes where programs keep them.</summary>
public sealed class CheckpointClassesTests
{
    [Fact]
    public void Names_are_found_as_a_list_by_name_and_by_number()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(["cat", "dog"], Read(folder, "classes", new List<object?> { "cat", "dog" }));
        Assert.Equal(["cat", "dog"], Read(folder, "class_to_idx", new Dictionary<string, object?> { ["dog"] = 1L, ["cat"] = 0L }));
        Assert.Equal(["cat", "dog"], Read(folder, "names", new Dictionary<string, object?> { ["1"] = "dog", ["0"] = "cat" }));
        Assert.Equal(["cat", "dog"],
            Read(folder, "meta", new Dictionary<string, object?> { ["CLASSES"] = new List<object?> { "cat", "dog" } }));
    }

    [Fact]
    public void What_does_not_fit_the_outputs_or_is_no_list_of_names_is_passed_over()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(Read(folder, "classes", new List<object?> { "cat", "dog", "owl" }));
        Assert.Null(Read(folder, "class_to_idx", new Dictionary<string, object?> { ["dog"] = 2L, ["cat"] = 0L }));
        Assert.Null(Read(folder, "classes", 2L));
    }

    [Fact]
    public void A_run_s_best_weights_know_their_classes_and_size()
    {
        using var folder = new TemporaryFolder();
        var configuration = (ClassifierMethod.Plain.Start("resnet20") with { Classes = ["b", "a"] }).WithImageSize(48);
        string[] texts = [RunConfigurationFile.ToJson(configuration, new MethodRegistry([])),
            "{\"classes\": [\"b\", \"a\"], \"imageSize\": 48}"];
        foreach (string json in texts)
        {
            var (classes, size) = CheckpointClasses.Read(Save(folder, "configuration", json), "head");
            Assert.Equal(["b", "a"], classes!);
            Assert.Equal(48, size);
        }
    }

    [Theory]
    [InlineData("{\"data\": \"\\ud800\"}")]
    [InlineData("{\"network\": \"\\ud800\"}")]
    [InlineData("{\"freeze\": [\"a\\u0000\"]}")]
    [InlineData("{\"\\ud800\": 1}")]
    public void A_configuration_s_text_that_is_none_is_refused_with_its_file(string json)
    {
        string message = Assert.Throws<UsageException>(() => RunConfigurationFile.Parse(json, "my.json", new MethodRegistry([]))).Message;
        Assert.Contains("my.json", message, StringComparison.Ordinal);
        Assert.Matches("holds (half of an escaped character|the character NUL)", message);
    }

    private static IReadOnlyList<string>? Read(TemporaryFolder folder, string key, object? value) =>
        CheckpointClasses.Read(Save(folder, key, value), "head").Classes;

    private static string Save(TemporaryFolder folder, string key, object? value)
    {
        string path = Path.Combine(folder.Path, "w.pth");
        var weight = TensorData.Of("head.weight", DType.Float32, [2, 3], new float[6]);
        CheckpointWriter.SavePyTorchTree(path, new OrderedDictionary<string,
            object?>
        { ["model"] = new StateDict([weight]), [key] = value });
        return path;
    }
}
