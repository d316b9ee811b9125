using Sconce.Data;

namespace Sconce.Abilities;

/// <summary>Points in space: a file of them.</summary>
public sealed class PointCloud : IInput<PointCloud>, ISettingValue<PointCloud>
{
    private PointCloud(string path) => Path = path;

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Points;

    /// <inheritdoc/>
    public static SettingValue<PointCloud> Value { get; } = new InputValue<PointCloud>(points => points.Path);

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Name => Path;

    /// <inheritdoc/>
    public static PointCloud Of(string given) => new(given);

    /// <inheritdoc/>
    public void Prepare()
    {
        if (!File.Exists(Path)) throw new DataException(Path, "there is no such file");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
