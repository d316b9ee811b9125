using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Tests.Export;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Export;

/// <summary>
/// Every system's smallest network, out to ONNX Runtime and TorchScript; its four smallest up to 16 million parameters where SCONCE_SLOW is
/// 1. Untrained networks of a hundred layers and more blow rounding up to the size of their answer: comparing those says nothing.
/// </summary>
public sealed class CatalogueExportTests : IDisposable
{
    private const long Largest = 120_000_000, LargestSlow = 16_000_000;
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-export-").FullName;

    public static TheoryData<string> Networks()
    {
        bool slow = Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1";
        return [.. Systems.Catalogue.Systems.SelectMany(system =>
            system.Variants.Where(variant => variant.Parameters > 0).OrderBy(variant => variant.Parameters).Take(slow ? 4 : 1)
            .Where((variant, place) => variant.Parameters <= (place == 0 ? Largest : LargestSlow))).Select(variant => variant.Name)];
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Networks))]
    public void ONNX_Runtime_gives_the_networks_numbers_at_batches_it_was_not_traced_with(string name)
    {
        OnnxRuntime.Require();
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var module = Build(name, out var functions);
        foreach (var function in functions)
        {
            string path = Path.Combine(folder, $"{function.Name}.onnx");
            var result = OnnxExport.Write(module, function, path);
            int[] batches = result.Batch is { } size ? [size] : [1, 5];
            var inputs = batches.Select(batch => function.Inputs.ToDictionary(input => input.Name, input => input.Example(batch))).ToList();
            var answers = OnnxRuntime.Run(path, inputs, function.Outputs);
            module.Eval();
            for (int run = 0; run < batches.Length; run++)
            {
                var expected = function.Run([.. function.Inputs.Select(input => inputs[run][input.Name])]);
                for (int k = 0; k < expected.Length; k++) Assert.InRange(Difference(answers[run][k], expected[k]), 0, 1e-4);
            }

            Assert.True(result.Batch is null, $"the batch of {name} {function.Name} is fixed: {result.FixedBecause}");
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void TorchScript_gives_the_networks_numbers_at_any_batch(string name)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var module = Build(name, out var functions);
        foreach (var function in functions)
        {
            string path = Path.Combine(folder, $"{function.Name}.pt");
            var result = TorchScriptExport.Write(module, function, path);
            Assert.InRange(result.Difference, 0, 1e-4);
            Assert.True(result.Batch is null, $"the batch of {name} {function.Name} is fixed: {result.FixedBecause}");
        }
    }

    [Fact]
    public void A_network_that_blows_rounding_up_is_written_without_folding_and_agrees_to_the_bit()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1", "SCONCE_SLOW is not 1");
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var module = Build("resnest200", out var functions);
        Assert.Equal(0, TorchScriptExport.Write(module, functions[0], Path.Combine(folder, "deep.pt")).Difference);
        Assert.Equal(0, OnnxExport.Write(module, functions[0], Path.Combine(folder, "deep.onnx")).Difference);
    }

    internal static Module Build(string name, out IReadOnlyList<ExportFunction> functions)
    {
        TorchRuntime.ManualSeed(1);
        var variant = Models.Registry.Get(name);
        var module = variant.Create(ModelOptions.Official);
        module.Eval();
        // What begins at zero (gains, heads) would hide what comes before it.
        foreach (var parameter in module.Parameters())
        {
            if (parameter.Abs().Max().Item<double>() == 0) parameter.NormalInPlace(0, 0.02);
        }

        var shape = variant.Find<TensorInput>()?.Shape ?? [];
        functions = shape is [3, >= 512, >= 512] ? variant.Exports(module, new PictureSize(96, 128)) : variant.Exports(module);
        if (!variant.Has<Exportable>() && module is Module<Tensor, Tensor> network && shape is [_, .., > 96, > 96])
            functions = Smaller(network, shape) ?? functions;
        return module;
    }

    // Convolutional networks take small pictures too, and networks of videos short clips of them.
    private static IReadOnlyList<ExportFunction>? Smaller(Module<Tensor, Tensor> network, IReadOnlyList<long> shape)
    {
        try
        {
            using var scope = new TensorScope();
            long[] small = [.. shape.Take(shape.Count - 2).Select((size, place) => place == 0 ? size : Math.Min(size, 3)), 96, 96];
            network.Call(Tensor.Randn([1, .. small]));
            return [ExportFunction.Of(network, small)];
        }
        catch (Exception error) when (error is TorchException or ArgumentException)
        {
            return null;
        }
    }

    private static double Difference(Tensor answer, Tensor expected)
    {
        Assert.Equal(expected.Shape.ToArray(), answer.Shape.ToArray());
        return (answer - expected).Abs().Max().Item<double>() / expected.Square().Mean().Sqrt().Item<double>();
    }
}
