using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Sampling;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>VQGAN's second stage: each code from the condition and the codes before it. 2012.09841 §3.2.</summary>
/// <param name="network">Both stages; the first is frozen.</param>
/// <param name="player">Over the transformer.</param>
/// <param name="rows">To learn from.</param>
/// <param name="shown">Of whose conditions samples are drawn.</param>
/// <param name="device">Where the networks are.</param>
internal sealed class VqganGptProgram(Net2Net network, Player player, CodeRows rows, CodeRows shown, Device device)
    : LossProgram<RowBatch>(player)
{
    private const int Shown = 8;

    public override IReadOnlyList<(string Name, Module Module)> Modules => [("", network)];

    public override Module Product => network;

    public override Tensor Loss(RowBatch batch) => LossOf(network, rows, batch.Rows, device);

    public override int Count(RowBatch batch) => batch.Rows.Length;

    /// <summary>The mean negative logarithm of a code's probability, of all rows.</summary>
    internal static double Figure(Net2Net network, CodeRows rows, int batch, Device device, CancellationToken cancellation)
    {
        using var noGrad = Gradients.Off();
        network.Eval();
        double sum = 0;
        foreach (long[] part in Enumerable.Range(0, rows.Count).Select(row => (long)row).Chunk(batch))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            sum += LossOf(network, rows, part, device).Item<double>() * part.Length;
        }

        return sum / rows.Count;
    }

    protected override void WriteSamples(SampleFolder samples)
    {
        using var scope = new TensorScope();
        int grid = network.Config.Grid;
        var (codes, before) = shown.First(Shown, device);
        var drawn = CodeSampling.Fill(
            network.Transformer, before, codes.FullLike(-1), new TokenSampler(), [samples.Generator],
            known: network.Config.FirstStage.Codes);
        ImageGrid.Create(VqPictures.Painted(network.Decode(drawn, grid, grid)), 4).Save(samples.File("grid.png"));
    }

    private static Tensor LossOf(Net2Net network, CodeRows rows, long[] which, Device device)
    {
        using var scope = new TensorScope();
        var (codes, before) = rows.At(which, device);
        return scope.Keep(network.PredictTokens(codes, before).Loss());
    }
}
