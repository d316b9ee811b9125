using Sconce.Video;

namespace Sconce.Abilities;

/// <summary>A sound: a file of it, or the sound of a clip.</summary>
public sealed class Sound : IInput<Sound>, ISettingValue<Sound>
{
    private Sound(string path) => Path = path;

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Sound;

    /// <inheritdoc/>
    public static SettingValue<Sound> Value { get; } = new InputValue<Sound>(sound => sound.Path);

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Name => Path;

    /// <inheritdoc/>
    public static Sound Of(string given) => new(given);

    /// <summary>Its samples in [-1, 1], the channels mixed.</summary>
    /// <param name="rate">Samples a second.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="VideoException">It is no sound, or cannot be read.</exception>
    public float[] Samples(int rate, CancellationToken cancellation = default) => SoundSamples.Read(Path, rate, cancellation);

    /// <inheritdoc/>
    public void Prepare()
    {
        if (!File.Exists(Path)) throw new VideoException(Path, "there is no such file");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
