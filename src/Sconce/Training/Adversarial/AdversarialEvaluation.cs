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
        using var distance = Distance(images);
        using var painted = distance.Paint(painter, latent, count, own.Run.Seed, cancellation);
        var figures = distance.Whole(painted, cancellation);
        var repeats = Repeats();
        return new EvaluationReport(data ?? own.Data, images.Images.Count, figures.ToDictionary())
        {
            Remarks =
            [
                .. images.Remarks,
                $"all figures are of {count:N0} painted and {images.Images.Count:N0} other pictures: compare only such of equal numbers",
                $"they are measured in the features of {features.Name}, not in Inception's",
                .. Warnings(figures),
                .. repeats,
            ],
        };

        PictureDistance Distance(FolderPictures some) => new(
            features,
            some.Images,
            part => Grey(ImageLoader.Create(part, preprocessing, new DataLoaderOptions { BatchSize = batch }), channels),
            device);

        IReadOnlyList<string> Repeats()
        {
            bool isMirrored = ((IAdversarialSettings)own.Settings).Game.Mirror;
            if (network.IsOwn(data))
                return Told(distance.Repeated(painted, null, isMirrored, cancellation), "the learned pictures lie to each other", figures);
            try
            {
                using var learned = Distance(FolderPictures.Open(own.Data));
                return Told(
                    learned.Repeated(painted, distance, isMirrored, cancellation), "the pictures asked about lie to learned ones", figures);
            }
            catch (Exception fault) when (fault is DataException or IOException)
            {
                return [$"whether it repeats what it learned from was not asked: {fault.Message}"];
            }
        }
    }

    /// <summary>Of grey generators the pictures are grey too.</summary>
    internal static IBatchSource<ImageBatch> Grey(IBatchSource<ImageBatch> source, int channels) =>
        channels == 1 ? new GreySource(source) : source;

    /// <summary>Adds how near samples are to learned pictures to the figures, and says what that means.</summary>
    private static IReadOnlyList<string> Told(Repetition? repetition, string others, FigureSet figures)
    {
        if (repetition is null) return ["whether it repeats what it learned from cannot be said: there are no two different pictures"];
        figures.Add(Figure.Lower("nearer", repetition.Nearer));
        figures.Add(Figure.Lower("copied", repetition.Copied));
        return
        [
            $"nearer: how often a sample lies nearer to a learned picture than {others} (0.5 of new pictures); copied: the share of "
                + "samples nearer than the nearest twentieth of those (0.05)",
            .. repetition.IsSuspicious
                ? (string[])[$"{repetition.Copied:P0} of the samples are about as near to a learned picture as a copy: it learned by heart"]
                : [],
        ];
    }

    private static IEnumerable<string> Warnings(FigureSet figures) => figures["spread"] < Alike
        ? ["what is painted varies less than half as much as the data: samples look alike"]
        : [];
}
