using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What <c>eval</c> says of a trained generator, beside a folder of pictures.</summary>
public static class AdversarialEvaluation
{
    private const double Alike = 0.5;

    /// <summary>Distances of what a run's generator paints to a folder of pictures.</summary>
    /// <param name="network">The run.</param>
    /// <param name="data">Pictures of any sizes; null for those it learned from.</param>
    /// <param name="batch">Pictures that are read together.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UsageException">It is no run.</exception>
    public static EvaluationReport Run(TrainedNetwork network, string? data, int batch, CancellationToken cancellation)
    {
        var own = network.Configuration ?? throw new UsageException($"{network.Variant.Name}: only a run can be evaluated");
        int count = ((IAdversarialSettings)own.Settings).Game.Judged;
        int latent = network.Variant.Get<ImageGenerator>().Latent;
        var device = network.RunsOn;
        var options = new ModelOptions(ImageSize: network.Size);
        using var painter = network.Variant.CreateTrained<Module<Tensor, Tensor>>(network.Weights, options);
        var (channels, side) = AdversarialRun.Painted(painter, latent);
        painter.To(device);
        var images = FolderPictures.Open(data ?? own.Data);
        using var features = PictureFeatures.Random(device);
        var preprocessing = ImagePreprocessing.Symmetric(side, 1);
        using var distance = new PictureDistance(
            features,
            images.Images,
            some => Grey(ImageLoader.Create(some, preprocessing, new DataLoaderOptions { BatchSize = batch }), channels),
            device);
        var figures = distance.Whole(painter, latent, count, own.Run.Seed, cancellation);
        return new EvaluationReport(data ?? own.Data, images.Images.Count, figures.ToDictionary())
        {
            Remarks =
            [
                .. images.Remarks,
                $"all figures are of {count:N0} painted and {images.Images.Count:N0} other pictures: compare only such of equal numbers",
                $"they are measured in the features of {features.Name}, not in Inception's",
                .. Warnings(figures),
            ],
        };
    }

    /// <summary>Of grey generators the pictures are grey too.</summary>
    internal static IBatchSource<ImageBatch> Grey(IBatchSource<ImageBatch> source, int channels) =>
        channels == 1 ? new GreySource(source) : source;

    private static IEnumerable<string> Warnings(FigureSet figures) => figures["spread"] < Alike
        ? ["what is painted varies less than half as much as the data: samples look alike"]
        : [];
}
