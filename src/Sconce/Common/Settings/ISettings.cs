namespace Sconce.Common;

/// <summary>A record of settings; the generator writes the member.</summary>
/// <typeparam name="T">The record.</typeparam>
public interface ISettings<T>
    where T : ISettings<T>, new()
{
    /// <summary>What can be set, with names, help, ranges and defaults.</summary>
    static abstract SettingsSchema<T> Schema { get; }
}

/// <summary>Settings that must fit each other; asked after each of them was found good by itself.</summary>
public interface ISettingsRule
{
    /// <summary>What does not fit, as a setting's name and a sentence about it; null where all is well.</summary>
    (string Setting, string Fault)? Misfit { get; }
}

/// <summary>A type that can be a setting's value, such as a picture.</summary>
/// <typeparam name="T">The type itself.</typeparam>
public interface ISettingValue<T>
{
    /// <summary>How it is read and written.</summary>
    static abstract SettingValue<T> Value { get; }
}
