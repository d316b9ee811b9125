namespace Sconce.Common;

/// <summary>
/// A setting means nothing, is missing or is out of its range. The message speaks of the setting by its name; whoever asked for it in other
/// words (<c>--strokes</c>) puts them in with <see cref="Worded"/>.
/// </summary>
public sealed class SettingsException : UsageException
{
    private readonly Func<string, string> sentence;

    /// <summary>Makes one.</summary>
    /// <param name="setting">The setting's name in camel case.</param>
    /// <param name="sentence">The fault, given what the setting is called.</param>
    public SettingsException(string setting, Func<string, string> sentence)
        : base(sentence(setting))
    {
        Setting = setting;
        this.sentence = sentence;
    }

    /// <summary>The setting's name.</summary>
    public string Setting { get; }

    /// <summary>The file that the setting was read from; null where it was asked for directly. A file's names
    /// stay as they are.</summary>
    public string? File { get; private init; }

    /// <summary>The fault in the words of whoever asked.</summary>
    /// <param name="called">What they call the setting: <c>--strokes</c>.</param>
    public string Worded(string called) => sentence(called);

    /// <summary>The same fault, of a setting that a file holds.</summary>
    /// <param name="file">The file's name, which the message then begins with.</param>
    public SettingsException In(string file) =>
        File is not null ? this : new(Setting, called => $"{file}: {Worded(called)}") { File = file };
}
