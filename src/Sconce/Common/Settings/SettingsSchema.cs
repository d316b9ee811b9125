using System.Text.Json;

namespace Sconce.Common;

/// <summary>What can be set, for a face that does not know the record's type.</summary>
public abstract class SettingsSchema
{
    /// <summary>What the record is for: the summary of its doc comment.</summary>
    public abstract string Help { get; }

    /// <summary>Every setting, those of groups among them, in the order in which they are declared.</summary>
    public abstract IReadOnlyList<Setting> All { get; }

    /// <summary>The record with nothing asked.</summary>
    public abstract object Initial { get; }

    /// <summary>A record with what was typed, by setting, checked as a whole.</summary>
    /// <exception cref="SettingsException">There is no such setting, or a value means nothing.</exception>
    public abstract object Read(IEnumerable<KeyValuePair<string, string>> typed);

    /// <summary>A record from a JSON object, checked as a whole.</summary>
    /// <param name="element">The object.</param>
    /// <param name="where">What it is, for errors: a file's name.</param>
    /// <exception cref="SettingsException">There is no such setting, or a value means nothing.</exception>
    public abstract object ReadJson(JsonElement element, string where);

    /// <summary>A record from a JSON object and, over it, what was typed, by setting; checked as a whole.</summary>
    /// <param name="element">The object.</param>
    /// <param name="where">What it is, for errors.</param>
    /// <param name="typed">Texts by setting: files, which JSON from afar does not name.</param>
    /// <exception cref="SettingsException">There is no such setting, or a value means nothing.</exception>
    public abstract object ReadJson(JsonElement element, string where, IEnumerable<KeyValuePair<string, string>> typed);

    /// <summary>Writes a record of this schema as a JSON object.</summary>
    public abstract void WriteJson(Utf8JsonWriter writer, object settings);

    /// <summary>Writes the JSON schema (2020-12) of the record.</summary>
    public abstract void WriteSchema(Utf8JsonWriter writer);

    /// <summary>What there is to say where a name is none of a record's.</summary>
    internal static SettingsException Unknown(string name, IReadOnlyList<Setting> settings)
    {
        string near = NearestNames.Suggest(name, settings.Select(setting => setting.Name));
        string there = settings.Count == 0 ? "There are none" : near.Length > 0
            ? near : $"There are {string.Join(", ", settings.Select(s => s.Name))}";
        return new SettingsException(name, called => $"there is no setting {called}. {there}");
    }
}

/// <summary>The settings of one record; the generator writes it.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="help">The summary of its doc comment.</param>
/// <param name="parts">Its settings and groups, in the order in which they are declared, by name.</param>
public sealed class SettingsSchema<T>(string help, params IReadOnlyList<(string Name, SettingPart<T> Part)> parts) : SettingsSchema
    where T : ISettings<T>, new()
{
    private IReadOnlyList<Setting<T>>? settings;

    /// <inheritdoc/>
    public override string Help => help;

    /// <inheritdoc/>
    public override IReadOnlyList<Setting> All => Settings;

    /// <inheritdoc/>
    public override object Initial => new T();

    /// <summary>Every setting, those of groups among them.</summary>
    public IReadOnlyList<Setting<T>> Settings => settings ??= Flat();

    /// <summary>A record with what was typed over it. It is not yet checked as a whole (<see cref="Verified"/>).</summary>
    /// <exception cref="SettingsException">There is no such setting, or a value means nothing.</exception>
    public T Read(T from, IEnumerable<KeyValuePair<string, string>> typed)
    {
        foreach (var (name, text) in typed)
        {
            var setting = Settings.FirstOrDefault(known => known.Name == name) ?? throw Unknown(name, All);
            from = setting.Read(from, text);
        }

        return from;
    }

    /// <inheritdoc/>
    public override object Read(IEnumerable<KeyValuePair<string, string>> typed) => Verified(Read(new T(), typed));

    /// <summary>A record with what a JSON object says over it. It is not yet checked as a whole.</summary>
    /// <exception cref="SettingsException">There is no such setting, or a value means nothing.</exception>
    public T Read(T from, JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new SettingsException("", _ => "settings are an object of names and values").In(where);
        foreach (var property in element.EnumerateObject())
        {
            var found = parts.FirstOrDefault(part => part.Name == property.Name);
            if (found.Part is null) throw Unknown(property.Name, All).In(where);
            try
            {
                from = found.Part.Read(from, property.Value, where);
            }
            catch (SettingsException fault) when (fault.File is null)
            {
                throw fault.In(where);
            }
        }

        return from;
    }

    /// <inheritdoc/>
    public override object ReadJson(JsonElement element, string where) => ReadJson(element, where, []);

    /// <inheritdoc/>
    public override object ReadJson(JsonElement element, string where, IEnumerable<KeyValuePair<string, string>> typed)
    {
        var read = Read(Read(new T(), element, where), typed);
        try
        {
            return Verified(read);
        }
        catch (SettingsException fault)
        {
            throw fault.In(where);
        }
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer, object settings) => Write(writer, (T)settings);

    /// <summary>Writes a record as a JSON object.</summary>
    public void Write(Utf8JsonWriter writer, T settings)
    {
        writer.WriteStartObject();
        foreach (var (name, part) in parts)
        {
            writer.WritePropertyName(name);
            part.Write(writer, settings);
        }

        writer.WriteEndObject();
    }

    /// <summary>The record itself, when every value is in range, nothing required is missing, and what must fit together does.</summary>
    /// <exception cref="SettingsException">It is not so; the message names the setting.</exception>
    public T Verified(T record)
    {
        foreach (var setting in Settings) setting.Verify(record);
        if (record is ISettingsRule { Misfit: { } misfit })
            throw new SettingsException(misfit.Setting, called => $"{called} {misfit.Fault}");
        return record;
    }

    /// <summary>In what two records differ, as the values would be typed.</summary>
    public IReadOnlyList<(Setting Setting, string First, string Second)> Differences(T first, T second) =>
    [
        .. Settings.Select(setting => ((Setting)setting, setting.Text(first), setting.Text(second)))
        .Where(pair => pair.Item2 != pair.Item3),
    ];

    /// <inheritdoc/>
    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteSchemaMembers(writer);
        writer.WriteEndObject();
    }

    internal void WriteSchemaMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "object");
        writer.WriteString("description", help);
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteStartObject("properties");
        foreach (var (name, part) in parts)
        {
            writer.WriteStartObject(name);
            part.WriteSchema(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        string[] required = [.. parts.Where(part => part.Part.Group is null && part.Part.Settings[0].IsRequired).Select(part => part.Name)];
        if (required.Length == 0) return;
        writer.WriteStartArray("required");
        foreach (string name in required) writer.WriteStringValue(name);
        writer.WriteEndArray();
    }

    private List<Setting<T>> Flat()
    {
        List<Setting<T>> all = [.. parts.SelectMany(part => part.Part.Settings)];
        if (all.GroupBy(setting => setting.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new InvalidOperationException($"{typeof(T).Name} has two settings of the name {twice.Key}, in different groups");
        }

        return all;
    }
}
