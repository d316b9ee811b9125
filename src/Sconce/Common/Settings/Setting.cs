using System.Text;
using System.Text.Json;

namespace Sconce.Common;

/// <summary>One thing that can be set: what every face needs to know of it.</summary>
public abstract class Setting
{
    /// <summary>In camel case, as it is saved: <c>learningRate</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The groups it lies in, from outside to inside; empty for none.</summary>
    public virtual IReadOnlyList<string> Groups => [];

    /// <summary>What it does, in a line or two.</summary>
    public abstract string Help { get; }

    /// <summary>What is allowed, in words that follow «takes».</summary>
    public abstract string Range { get; }

    /// <summary>What stands for its value in a line of help.</summary>
    public abstract string Placeholder { get; }

    /// <summary>The values that there are, where they are few.</summary>
    public abstract IReadOnlyList<string> Choices { get; }

    /// <summary>As it would be typed; empty where there is none.</summary>
    public abstract string Default { get; }

    /// <summary>Whether it is on or off.</summary>
    public abstract bool IsSwitch { get; }

    /// <summary>Whether it is the path of a file or folder.</summary>
    public abstract bool IsFile { get; }

    /// <summary>Whether it is a list.</summary>
    public abstract bool IsList { get; }

    /// <summary>Whether nothing begins without it.</summary>
    public abstract bool IsRequired { get; }

    /// <summary>As it is typed on a command line: <c>--learning-rate</c>.</summary>
    public string Option => $"--{KebabOf(Name)}";

    /// <summary>Writes the members of its JSON schema into an open object.</summary>
    internal abstract void WriteSchema(Utf8JsonWriter writer);

    /// <summary><c>learningRate</c> -> <c>learning-rate</c>.</summary>
    public static string KebabOf(string camel)
    {
        var text = new StringBuilder();
        foreach (char letter in camel)
        {
            if (char.IsUpper(letter)) text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}

/// <summary>A setting of one record.</summary>
/// <typeparam name="TSettings">The record, or one that holds it as a group.</typeparam>
public abstract class Setting<TSettings> : Setting
{
    /// <summary>The record with what was typed.</summary>
    /// <exception cref="SettingsException">It is no such value, or out of range.</exception>
    public abstract TSettings Read(TSettings settings, string text);

    /// <summary>The record with what was saved.</summary>
    /// <exception cref="SettingsException">It is no such value, or out of range.</exception>
    public abstract TSettings Read(TSettings settings, JsonElement element);

    /// <summary>The record's value as it would be typed; empty for none.</summary>
    public abstract string Text(TSettings settings);

    /// <summary>Refuses a value that a program set out of its range, and one that is missing.</summary>
    /// <exception cref="SettingsException">It is out of range, or required and not there.</exception>
    public abstract void Verify(TSettings settings);

    internal abstract void Write(Utf8JsonWriter writer, TSettings settings);
}

/// <summary>A property of a settings record; the generator makes it.</summary>
/// <typeparam name="TSettings">The record.</typeparam>
/// <typeparam name="TValue">The property's type.</typeparam>
/// <param name="name">In camel case.</param>
/// <param name="help">The summary of its doc comment.</param>
/// <param name="value">Which values it may have.</param>
/// <param name="get">Reads the property.</param>
/// <param name="with">Gives the record with another value.</param>
/// <param name="initial">The record's default value of the property.</param>
/// <param name="isRequired">Whether nothing begins without it.</param>
public sealed class Setting<TSettings, TValue>(
    string name,
    string help,
    SettingValue<TValue> value,
    Func<TSettings, TValue> get,
    Func<TSettings, TValue, TSettings> with,
    Func<TSettings> initial,
    bool isRequired = false) : Setting<TSettings>
{
    private string? text;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string Help => help;

    /// <inheritdoc/>
    public override string Range => value.Range;

    /// <inheritdoc/>
    public override string Placeholder => value.Placeholder;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Choices => value.Choices;

    /// <inheritdoc/>
    public override string Default => text ??= isRequired ? "" : value.Text(get(initial()));

    /// <inheritdoc/>
    public override bool IsSwitch => value.IsSwitch;

    /// <inheritdoc/>
    public override bool IsFile => value.IsFile;

    /// <inheritdoc/>
    public override bool IsList => value.IsList;

    /// <inheritdoc/>
    public override bool IsRequired => isRequired;

    /// <inheritdoc/>
    public override TSettings Read(TSettings settings, string text) =>
        value.TryRead(text, out var read) ? with(settings, read) : throw Refused($"'{text}'", text);

    /// <inheritdoc/>
    public override TSettings Read(TSettings settings, JsonElement element) =>
        value.TryRead(element, out var read) ? with(settings, read) : throw Refused(Shortened(element.GetRawText()), "");

    /// <inheritdoc/>
    public override string Text(TSettings settings) => get(settings) is { } set ? value.Text(set) : "";

    /// <inheritdoc/>
    public override void Verify(TSettings settings)
    {
        var set = get(settings);
        bool isMissing = set is null || (value.IsList && value.Text(set).Length == 0) || set is "";
        if (isRequired && isMissing) throw new SettingsException(name, called => $"{called} is missing: {help}");
        if (set is not null && !value.Holds(set)) throw Refused($"'{set}'", "");
    }

    internal override void Write(Utf8JsonWriter writer, TSettings settings) => value.Write(writer, get(settings));

    internal override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("description", help);
        value.WriteSchema(writer);
        if (isRequired) return;
        writer.WritePropertyName("default");
        Write(writer, initial());
    }

    private SettingsException Refused(string what, string typed)
    {
        string near = value.Choices.Count > 0 && typed.Length > 0 ? " " + NearestNames.Suggest(typed, value.Choices) : "";
        return new SettingsException(name, called => $"{called} takes {value.Range}, not {what}.{near}".TrimEnd('.', ' '));
    }

    private static string Shortened(string json) => json.Length <= 60 ? json : json[..60] + "…";
}
