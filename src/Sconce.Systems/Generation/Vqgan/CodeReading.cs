using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>Takes pictures through the first stage, once, before a transformer learns their codes.</summary>
/// <param name="network">Both stages.</param>
/// <param name="device">Where they are.</param>
/// <param name="crops">Of each picture.</param>
/// <param name="other">The file of the condition of a picture's file, where the condition is a picture.</param>
internal sealed class CodeReading(Net2Net network, Device device, int crops, Func<string, string>? other)
{
    private int Side => network.Config.FirstStage.Autoencoder.Resolution;

    /// <summary>Reads pictures.</summary>
    /// <param name="images">Of any sizes.</param>
    /// <param name="seed">Of the crops: the middle first, then anywhere along the longer side.</param>
    /// <param name="progress">Told of each picture.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DataException">A condition is missing or does not fit; the message names the file.</exception>
    internal CodeRows Read(IDataset<ImageExample> images, ulong seed, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        List<Tensor> codes = [], before = [];
        for (int k = 0; k < images.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("reading codes", k, images.Count));
            var example = images[k];
            for (int crop = 0; crop < crops; crop++)
            {
                using var step = new TensorScope();
                double along = crop == 0 ? 0.5 : new AugmentationRandom(seed, crop, k).NextDouble();
                var square = Square(example.Image, images.NameOf(k), network.Config.FirstStage, along);
                codes.Add(step.Keep(network.PictureTokens(square).Cpu()));
                before.Add(step.Keep(network.ConditionTokens(Condition(example, images.NameOf(k), along)).Cpu()));
            }
        }

        return new CodeRows(scope.KeepForever(Tensor.Cat([.. codes], 0)), scope.KeepForever(Tensor.Cat([.. before], 0)));
    }

    private Tensor? Condition(ImageExample example, string name, double along)
    {
        switch (network.Config.Condition)
        {
            case CodeCondition.Class:
                return Tensor.From<long>([example.Label ?? throw new DataException(name, "it is in no folder of a class")]);
            case CodeCondition.Picture:
                string file = other!(name);
                return Square(Image.Load(file), file, network.Config.ConditionStage!, along);
            case CodeCondition.Coordinates:
                double scale = (double)Side / Math.Min(example.Image.Width, example.Image.Height);
                int width = (int)Math.Round(example.Image.Width * scale), height = (int)Math.Round(example.Image.Height * scale);
                long down = (long)Math.Round((height - Side) * along), right = (long)Math.Round((width - Side) * along);
                return CoordinateCodes.Map(height, width).Narrow(2, down, Side).Narrow(3, right, Side);
            default:
                return null;
        }
    }

    private Tensor Square(Image picture, string name, VqConfig config, double along)
    {
        try
        {
            return VqPictures.Square(picture, Side, config.Autoencoder.InputChannels, along).To(device);
        }
        catch (DataException fault) when (fault.Place is null)
        {
            throw new DataException(name, fault.Message, fault);
        }
    }
}

/// <summary>The conditions of pictures: files of the same names in a folder beside that of the pictures.</summary>
internal static class ConditionFiles
{
    private static readonly string[] Depths = ["depth", "maps", "conditions"];
    private static readonly string[] Labels = ["segmentation", "labels", "maps", "conditions"];
    private static readonly string[] Others = ["pose", "maps", "conditions"];

    /// <summary>Finds the condition's file of a picture's.</summary>
    /// <param name="folder">With <c>images</c>, and <c>depth</c>, <c>segmentation</c>, <c>labels</c>, <c>pose</c>, <c>maps</c> or
    /// <c>conditions</c>.</param>
    /// <param name="channels">Of the conditions.</param>
    /// <returns>The folder of the pictures, and the file of each.</returns>
    /// <exception cref="DataException">There are no such folders.</exception>
    internal static (string Pictures, Func<string, string> Of) In(string folder, int channels)
    {
        string pictures = Path.Combine(folder, "images");
        string[] names = channels switch { 1 => Depths, 3 => Others, _ => Labels };
        string? other = names.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);
        if (!Directory.Exists(pictures) || other is null)
        {
            throw new DataException(
                folder, $"it has no folder images, and beside it one of {string.Join(", ", names)} with a file of the same name a picture");
        }

        return (pictures, file =>
        {
            string name = Path.ChangeExtension(Path.GetRelativePath(pictures, file), ".png");
            string found = Path.Combine(other, name);
            return File.Exists(found) ? found : throw new DataException(file, $"there is no {found} to go with it");
        }
        );
    }
}
