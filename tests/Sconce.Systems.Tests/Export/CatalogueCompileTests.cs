using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Tests.Common;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Export;

/// <summary>Every system's networks compiled: which form each keeps, its numbers, and the same ones for every thread that asks.</summary>
public sealed class CatalogueCompileTests
{
    private const int Callers = 4;

    /// <summary>The networks that do not keep the packed form, and the form that they have instead. All others are packed.</summary>
    private static readonly Dictionary<string, CompiledFormKind> Unpacked = new()
    {
        ["guigan_judge"] = CompiledFormKind.Optimised,  // it reads whole numbers
    };

    /// <summary>Networks that draw noise in each pass: no two answers are alike, and compiling them is refused.</summary>
    private static readonly string[] Drawing = ["swagan_64"];

    [Theory]
    [MemberData(nameof(CatalogueExportTests.Networks), MemberType = typeof(CatalogueExportTests))]
    public void A_compiled_network_keeps_its_form_and_gives_the_eager_ones_numbers_to_every_thread(string name)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var module = CatalogueExportTests.Build(name, out var functions);
        if (module is not Module<Tensor, Tensor> network || functions is not [{ Inputs: [var input] }])
        {
            Assert.Skip("several functions: Compile takes a network from one tensor to another");
            return;
        }

        Assert.SkipWhen(Drawing.Contains(name), "it draws noise in each pass");
        using var compiled = network.Compile(input.Example(1));
        Assert.InRange(compiled.Change, 0, 1e-3);
        var expected = ScriptModule.CanFuse ? Unpacked.GetValueOrDefault(name, CompiledFormKind.Packed) : CompiledFormKind.Optimised;
        Assert.True(expected == compiled.Form.Kind, $"{name} is {compiled.Form}, not {CompiledForm(expected)}");
        Asked(compiled, input.Example(1));
    }

    private static string CompiledForm(CompiledFormKind kind) => kind.ToString().ToLowerInvariant();

    private static void Asked(CompiledModule compiled, Tensor x)
    {
        using var kept = new KeptThreads();
        TorchRuntime.Threads = Math.Max(2, TorchRuntime.Threads);
        int wrong = 0;
        float[] expected = compiled.Call(x).ToArray<float>();
        var threads = Enumerable.Range(0, Callers).Select(_ => new Thread(() =>
        {
            using var scope = new TensorScope();
            using var inference = Gradients.Inference();
            if (!compiled.Call(x).ToArray<float>().SequenceEqual(expected)) Interlocked.Increment(ref wrong);
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();

        Assert.Equal(0, wrong);
    }
}
