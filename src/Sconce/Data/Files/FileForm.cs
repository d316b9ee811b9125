using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>One example as a network takes it.</summary>
/// <param name="Values">In row-major order.</param>
/// <param name="Shape">Without the batch.</param>
/// <param name="Label">Its class.</param>
public sealed record TensorExample(float[] Values, IReadOnlyList<long> Shape, int Label);

/// <summary>How files of a kind become a network's input. Asked from several threads.</summary>
public abstract class FileForm
{
    /// <summary>What they are, in the plural: <c>clips</c>.</summary>
    public abstract string Plural { get; }

    /// <summary>Whether a file is one, by its name.</summary>
    public abstract bool Fits(string path);

    /// <summary>A file as it is asked about.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public abstract (float[] Values, IReadOnlyList<long> Shape) Read(string path);

    /// <summary>A file as it is learned: a part of it drawn, turned, louder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="random">All that is drawn comes from it.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public abstract (float[] Values, IReadOnlyList<long> Shape) Draw(string path, ref AugmentationRandom random);

    /// <summary>A picture of it for pages; null where there is none.</summary>
    public virtual Image? Picture(string path) => null;
}
