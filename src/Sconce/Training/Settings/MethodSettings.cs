using System.Text.Json;

namespace Sconce.Training;

/// <summary>
/// A method's settings for those who do not know its record: what there is, what it begins with, how it is read and written.
/// </summary>
public abstract class MethodSettings
{
    private MethodSettings()
    {
    }

    /// <summary>What can be set.</summary>
    public abstract SettingsSchema Schema { get; }

    /// <summary>What a run begins with where nothing is asked.</summary>
    public abstract ITrainingSettings Start { get; }

    /// <summary>The settings of a record.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="start">What a run begins with; the record's defaults where left out.</param>
    public static MethodSettings Of<T>(T? start = null)
        where T : class, ITrainingSettings, ISettings<T>, new() => new Typed<T>(start ?? new T());

    /// <summary>A setting of that name, or null.</summary>
    /// <param name="name">In camel case.</param>
    public Setting? Find(string name) => Schema.All.FirstOrDefault(setting => setting.Name == name);

    /// <summary>A value as it would be typed; empty where it is left open.</summary>
    public abstract string Text(ITrainingSettings settings, string name);

    /// <summary>What was typed, over settings.</summary>
    /// <exception cref="SettingsException">There is no such setting, or a value means nothing.</exception>
    public abstract ITrainingSettings Read(ITrainingSettings from, IEnumerable<KeyValuePair<string, string>> typed);

    /// <summary>What a JSON object says, over settings.</summary>
    /// <exception cref="SettingsException">There is no such setting, or a value means nothing.</exception>
    public abstract ITrainingSettings Read(ITrainingSettings from, JsonElement element, string where);

    /// <summary>One value from JSON, over settings.</summary>
    /// <exception cref="SettingsException">It means nothing.</exception>
    public abstract ITrainingSettings Read(ITrainingSettings from, string name, JsonElement element);

    /// <summary>The settings themselves, when all are in range.</summary>
    /// <exception cref="SettingsException">One is not; the message names it.</exception>
    public abstract ITrainingSettings Verified(ITrainingSettings settings);

    /// <summary>Writes a JSON object.</summary>
    public abstract void Write(Utf8JsonWriter writer, ITrainingSettings settings);

    /// <summary>The names in which two differ, with both values as they would be typed.</summary>
    public IReadOnlyList<(string Name, string First, string Second)> Differences(ITrainingSettings first, ITrainingSettings second) =>
    [
        .. Schema.All.Select(setting => (setting.Name, First: Text(first, setting.Name), Second: Text(second, setting.Name)))
            .Where(pair => pair.First != pair.Second),
    ];

    /// <summary>Settings, and others' values where the first leave them open.</summary>
    public ITrainingSettings Completed(ITrainingSettings settings, ITrainingSettings otherwise) => Read(
        settings,
        Schema.All.Where(setting => Text(settings, setting.Name).Length == 0 && Text(otherwise, setting.Name).Length > 0)
            .Select(setting => KeyValuePair.Create(setting.Name, Text(otherwise, setting.Name))).ToList());

    private sealed class Typed<T>(T start) : MethodSettings
        where T : class, ITrainingSettings, ISettings<T>, new()
    {
        public override SettingsSchema Schema => T.Schema;

        public override ITrainingSettings Start => start;

        public override string Text(ITrainingSettings settings, string name) =>
            T.Schema.Settings.First(setting => setting.Name == name).Text(Own(settings));

        public override ITrainingSettings Read(ITrainingSettings from, IEnumerable<KeyValuePair<string, string>> typed) =>
            T.Schema.Read(Own(from), typed);

        public override ITrainingSettings Read(ITrainingSettings from, JsonElement element, string where) =>
            T.Schema.Read(Own(from), element, where);

        public override ITrainingSettings Read(ITrainingSettings from, string name, JsonElement element) =>
            T.Schema.Settings.First(setting => setting.Name == name).Read(Own(from), element);

        public override ITrainingSettings Verified(ITrainingSettings settings) => T.Schema.Verified(Own(settings));

        public override void Write(Utf8JsonWriter writer, ITrainingSettings settings) => T.Schema.Write(writer, Own(settings));

        private static T Own(ITrainingSettings settings) =>
            settings as T ?? throw new ArgumentException($"these are {settings.GetType().Name}, where {typeof(T).Name} are wanted",
                nameof(settings));
    }
}
