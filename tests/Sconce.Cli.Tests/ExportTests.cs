using Sconce.Export;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

public class ExportTests
{
    [Fact]
    public void A_network_with_its_weights_goes_out_as_TorchScript_and_answers_the_same()
    {
        using var folder = new TemporaryFolder();
        using var scope = new TensorScope();
        using var module = new Linear(8, 4);
        string weights = Path.Combine(folder.Path, "w.safetensors"), file = Path.Combine(folder.Path, "net.pt");
        ModelWeights.Save(module, weights);
        var outcome = CommandLine.Run("export", "alpha-small", "--to", "torchscript", "--weights", weights, "--out", file, "--json");
        Assert.Equal((0, ""), (outcome.Status, outcome.Error));
        var written = outcome.Json[0];
        Assert.Equal("alpha_small", written.GetProperty("network").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, written.GetProperty("batch").ValueKind);
        Assert.True(written.GetProperty("trained").GetBoolean());
        Assert.Equal(new FileInfo(file).Length, written.GetProperty("bytes").GetInt64());
        using var loaded = ScriptModule.Load(file);
        var x = Tensor.Randn([7, 8]);
        Assert.Equal(0, (loaded.Run(x)[0] - module.Call(x)).Abs().Max().Item<double>(), 1e-6);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void ONNX_states_its_opset_and_a_network_without_weights_says_so()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "net.onnx");
        var outcome = CommandLine.Run("export", "alpha_small", "--to", "onnx", "--out", file, "--batch", "3", "--classes", "9");
        Assert.Equal(0, outcome.Status);
        Assert.Contains($"ONNX, opset {OnnxExport.Opset}", outcome.Out);
        Assert.Contains("input (3, 8)", outcome.Out);
        Assert.Contains("untrained", outcome.Error);
        Assert.Equal([file], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_run_goes_out_with_its_classes_its_size_and_its_normalisation()
    {
        using var folder = new TemporaryFolder();
        string run = Path.Combine(folder.Path, "run"), file = Path.Combine(folder.Path, "net.onnx");
        Assert.Equal(0, Tiny.Run("train", "tiny_net", "--data", TinyPictures.Write(folder), "--out", run, "--batch", "8",
            "--epochs", "1").Status);
        var outcome = Tiny.Run("export", run, "--to", "onnx", "--out", file);
        Assert.True(outcome.Status == 0, outcome.Error);
        Assert.Contains("classes", outcome.Out);
        string written = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file));
        Assert.Contains("[\"red\",\"green\",\"blue\",\"grey\"]", written);
        Assert.Contains("\"mean\":[", written);
        var direct = Tiny.Run("export", "tiny_net", "--weights", Path.Combine(run, "best.ckpt"), "--to", "onnx", "--out", file);
        Assert.True(direct.Status == 0, direct.Error);
        Assert.Contains("[\"red\",\"green\",\"blue\",\"grey\"]", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)));
    }

    [Theory]
    [InlineData("--to takes onnx or torchscript or web, not 'onx'. Did you mean onnx?", "alpha_small", "--to", "onx")]
    [InlineData("--batch takes a whole number from 1 on, or any, not '0'", "alpha_small", "--to", "onnx", "--batch", "0")]
    [InlineData("--precision bfloat16 goes with --to torchscript", "alpha_small", "--to", "onnx", "--precision", "bfloat16")]
    [InlineData("--size takes HEIGHTxWIDTH such as 480x640, or a side such as 224, "
        + "not '480y640'", "alpha_small", "--to", "onnx", "--size", "480y640")]
    [InlineData("there is no network 'alpha_smal'", "alpha_smal", "--to", "onnx")]
    [InlineData("--weights: there is no file 'nothing.pth'", "alpha_small", "--to", "onnx", "--weights", "nothing.pth")]
    [InlineData("--out: there is no folder '/no/such'", "alpha_small", "--to", "onnx", "--out", "/no/such/file.onnx")]
    public void Wrong_use_is_one_line(string fault, params string[] arguments)
    {
        var outcome = CommandLine.Run(["export", .. arguments]);
        Assert.Equal(2, outcome.Status);
        Assert.StartsWith($"sconce: {fault}", outcome.Error);
    }

    [Fact]
    public void A_network_without_pictures_has_no_size()
    {
        var outcome = CommandLine.Run("export", "alpha_small", "--to", "onnx", "--size", "32x48");
        Assert.Equal((1, true), (outcome.Status, outcome.Error.Contains("alpha_small takes no pictures of 32x48: "
            + "it takes none", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_network_that_does_not_say_how_it_is_called_is_a_failure_that_says_what_is_missing()
    {
        var outcome = CommandLine.Run("export", "alpha_pair", "--to", "onnx");
        Assert.Equal(1, outcome.Status);
        Assert.Contains("alpha_pair does not say how it is called", outcome.Error);
    }
}
