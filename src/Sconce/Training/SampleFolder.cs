using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Where a program leaves samples of an epoch: <c>samples/</c> in the run's folder.</summary>
public sealed class SampleFolder : IDisposable
{
    private readonly string folder;

    internal SampleFolder(string run, int epoch, long step, ulong seed, Device device)
    {
        folder = Path.Combine(run, Name);
        (Epoch, Step, Device) = (epoch, step, device);
        Generator = new Generator(seed);
    }

    /// <summary>The folder's name in a run's.</summary>
    public const string Name = "samples";

    /// <summary>Epochs done.</summary>
    public int Epoch { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; }

    /// <summary>Where the networks are.</summary>
    public Device Device { get; }

    /// <summary>
    /// Begins anew with the run's seed at each epoch: what is drawn from it is the same in all of them. On the processor.
    /// </summary>
    public Generator Generator { get; }

    /// <summary>
    /// Standard normal latents that are the same at each epoch, so that samples of different epochs can be laid side by side; where the
    /// networks are.
    /// </summary>
    /// <param name="shape">Such as <c>[16, 128]</c>.</param>
    public Tensor Latents(params ReadOnlySpan<long> shape) => Tensor.Randn(shape, Generator).To(Device);

    /// <summary>
    /// The path of a file to write, whose folder is there: <c>grid.png</c> becomes <c>samples/0007-grid.png</c> after the seventh epoch.
    /// </summary>
    /// <param name="name">With its ending.</param>
    public string File(string name)
    {
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, FormattableString.Invariant($"{Epoch:0000}-{name}"));
    }

    /// <summary>Frees the generator.</summary>
    public void Dispose() => Generator.Dispose();
}
