using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>How far mattes are from the true ones, in the mean over pictures; and how far the sub-objectives disagree.</summary>
internal static class MatteEvaluation
{
    internal const string AbsoluteDifference = "MAD", SquaredError = "MSE", Disagreement = "disagreement";

    internal static IReadOnlyList<string> Names(bool hasMattes) =>
        hasMattes ? [AbsoluteDifference, SquaredError, Disagreement] : [Disagreement];

    /// <summary>The figures; less is better in each.</summary>
    /// <param name="network">In evaluation.</param>
    /// <param name="pictures">With or without mattes.</param>
    /// <param name="side">At which the network sees them, as when it is asked.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static FigureSet Run(
        ModNet network, IDataset<MattedPicture> pictures, int side, Device device, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        double absolute = 0, squared = 0, disagreement = 0;
        bool hasMattes = true;
        for (int k = 0; k < pictures.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            var (picture, matte) = pictures[k];
            var (semantic, opacity) = MatteNetwork.Look(network, picture, side, 0, device);
            disagreement += Apart(semantic, opacity);
            hasMattes &= matte is not null;
            if (matte is not null)
            {
                var error = opacity - matte.ToTensor()[0];
                absolute += error.Abs().Mean().Item<double>();
                squared += error.Square().Mean().Item<double>();
            }

            progress?.Report(new WorkProgress("evaluating", k + 1, pictures.Count));
        }

        var figures = new FigureSet();
        if (hasMattes) figures.Add(AbsoluteDifference, absolute / pictures.Count, FigureDirection.LowerIsBetter);
        if (hasMattes) figures.Add(SquaredError, squared / pictures.Count, FigureDirection.LowerIsBetter);
        figures.Add(Disagreement, disagreement / pictures.Count, FigureDirection.LowerIsBetter);
        return figures;
    }

    /// <summary>The mean absolute difference of the coarse person from the matte at its size.</summary>
    private static double Apart(Tensor semantic, Tensor opacity)
    {
        var coarse = Functional.Interpolate(opacity.Unsqueeze(0).Unsqueeze(0), [semantic.Size(2), semantic.Size(3)], Interpolation.Area);
        return (semantic.To(Device.Cpu) - coarse).Abs().Mean().Item<double>();
    }
}
