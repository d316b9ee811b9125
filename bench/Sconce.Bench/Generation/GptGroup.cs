using Sconce.Nn;
using Sconce.Sampling;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Generation;

/// <summary>VQGAN's transformer draws the codes of a picture, the likeliest each time so that both sides draw the same.</summary>
internal sealed class GptGroup : BenchGroup
{
    private const int Tokens = 256;

    /// <summary>The published ones' layers; half of their width, as the machine's memory is what is measured at any width.</summary>
    private static readonly GptConfig Config = new() { Layers = 24, Width = 512, Heads = 8 };

    internal override string Name => "gpt";

    internal override string About => "256 tokens from a GPT of 24 layers with a key-value cache, against PyTorch with one";

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "prepare", table.Folder);
        foreach (string batch in (string[])["1", "8"])
        {
            table.Row($"GPT, 24 layers of {Config.Width}, {Tokens} tokens, batch {batch}", () => BenchTable.Own(Name, batch, table.Folder),
                () => BenchTable.Peer("gpt.py", batch, table.Folder), 1.3, agreement: 0);
        }
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var folder] => Prepare(Path.Combine(folder, "gpt.pth")),
        [var batch, var folder] => Sample(int.Parse(batch), Path.Combine(folder, "gpt.pth")),
        _ => throw Unknown(task),
    };

    private static Measured Prepare(string weights)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var gpt = new Gpt(Config);
        // Wide enough that the likeliest token is not a matter of rounding, and another at each place.
        foreach (var (name, parameter) in gpt.NamedParameters())
        {
            if (name is "pos_emb" or "tok_emb.weight" or "head.weight") Init.Normal(parameter, 1);
        }

        ModelWeights.Save(gpt, weights);
        return new Measured { Seconds = 1e-9 };
    }

    private static Measured Sample(int batch, string weights)
    {
        using var scope = new TensorScope();
        Gpt gpt;
        using (Init.Skipped()) gpt = new Gpt(Config);
        ModelWeights.Load(gpt, weights);
        gpt.Eval();
        var first = Tensor.Arange(batch).Unsqueeze(1); // another sequence in each row
        CodeSampling.Continue(gpt, first, 8, TokenSampler.Greedy);
        long[] drawn = [];
        double seconds = Worker.Timed(
            () =>
            {
                using var step = new TensorScope();
                drawn = CodeSampling.Continue(gpt, first, Tokens, TokenSampler.Greedy).ToArray<long>();
            },
            0,
            1,
            warmUp: 0);
        return new Measured { Seconds = seconds, Losses = [.. drawn.Select(token => (double)token)] };
    }
}
