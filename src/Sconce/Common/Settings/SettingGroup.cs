using System.Text.Json;

namespace Sconce.Common;

/// <summary>A part of a record: one setting, or a group of them.</summary>
/// <typeparam name="TSettings">The record.</typeparam>
public abstract class SettingPart<TSettings>
{
    /// <summary>Its settings; one, or those of the group.</summary>
    public abstract IReadOnlyList<Setting<TSettings>> Settings { get; }

    /// <summary>The group's own name in camel case; null for a single setting.</summary>
    public virtual string? Group => null;

    /// <summary>One setting.</summary>
    public static implicit operator SettingPart<TSettings>(Setting<TSettings> setting) => new Single(setting);

    internal abstract TSettings Read(TSettings settings, JsonElement element, string where);

    internal abstract void Write(Utf8JsonWriter writer, TSettings settings);

    internal abstract void WriteSchema(Utf8JsonWriter writer);

    private sealed class Single(Setting<TSettings> setting) : SettingPart<TSettings>
    {
        public override IReadOnlyList<Setting<TSettings>> Settings { get; } = [setting];

        internal override TSettings Read(TSettings settings, JsonElement element, string where) => setting.Read(settings, element);

        internal override void Write(Utf8JsonWriter writer, TSettings settings) => setting.Write(writer, settings);

        internal override void WriteSchema(Utf8JsonWriter writer) => setting.WriteSchema(writer);
    }
}

/// <summary>A record within a record. On the command line its settings stand beside the others; in a file they are an object.</summary>
/// <typeparam name="TSettings">The record around.</typeparam>
/// <typeparam name="TInner">The record inside.</typeparam>
/// <param name="name">In camel case.</param>
/// <param name="get">Reads the property.</param>
/// <param name="with">Gives the record with another value.</param>
public sealed class SettingGroup<TSettings, TInner>(string name, Func<TSettings, TInner> get, Func<TSettings, TInner, TSettings> with)
    : SettingPart<TSettings>
    where TInner : ISettings<TInner>, new()
{
    private IReadOnlyList<Setting<TSettings>>? settings;

    /// <inheritdoc/>
    public override string Group => name;

    /// <inheritdoc/>
    public override IReadOnlyList<Setting<TSettings>> Settings =>
        settings ??= [.. TInner.Schema.Settings.Select(inner => new Nested(name, inner, get, with))];

    internal override TSettings Read(TSettings settings, JsonElement element, string where) =>
        with(settings, TInner.Schema.Read(get(settings), element, where));

    internal override void Write(Utf8JsonWriter writer, TSettings settings) => TInner.Schema.Write(writer, get(settings));

    internal override void WriteSchema(Utf8JsonWriter writer) => TInner.Schema.WriteSchemaMembers(writer);

    private sealed class Nested(
        string group, Setting<TInner> inner, Func<TSettings, TInner> get, Func<TSettings, TInner, TSettings> with) : Setting<TSettings>
    {
        public override string Name => inner.Name;

        public override IReadOnlyList<string> Groups { get; } = [group, .. inner.Groups];

        public override string Help => inner.Help;

        public override string Range => inner.Range;

        public override string Placeholder => inner.Placeholder;

        public override IReadOnlyList<string> Choices => inner.Choices;

        public override string Default => inner.Default;

        public override bool IsSwitch => inner.IsSwitch;

        public override bool IsFile => inner.IsFile;

        public override bool IsList => inner.IsList;

        public override bool IsRequired => inner.IsRequired;

        public override TSettings Read(TSettings settings, string text) => with(settings, inner.Read(get(settings), text));

        public override TSettings Read(TSettings settings, JsonElement element) => with(settings, inner.Read(get(settings), element));

        public override string Text(TSettings settings) => inner.Text(get(settings));

        public override void Verify(TSettings settings) => inner.Verify(get(settings));

        internal override void Write(Utf8JsonWriter writer, TSettings settings) => inner.Write(writer, get(settings));

        internal override void WriteSchema(Utf8JsonWriter writer) => inner.WriteSchema(writer);
    }
}
