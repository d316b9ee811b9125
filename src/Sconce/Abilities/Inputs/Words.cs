namespace Sconce.Abilities;

/// <summary>A text, given as it is.</summary>
/// <param name="Text">The words.</param>
public sealed record Words(string Text) : IInput<Words>
{
    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Text;

    /// <inheritdoc/>
    public string Name => Text;

    /// <inheritdoc/>
    public static Words Of(string given) => new(given);

    /// <inheritdoc/>
    public void Prepare()
    {
    }
}

/// <summary>Nothing: what is made follows from the settings alone.</summary>
public sealed class Nothing : IInput<Nothing>
{
    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Nothing;

    /// <summary>The only one.</summary>
    public static Nothing Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "";

    /// <inheritdoc/>
    public static Nothing Of(string given) => Instance;

    /// <inheritdoc/>
    public void Prepare()
    {
    }
}
