using System.Text.Json;

namespace Sconce.Common;

/// <summary>One kind of value that a setting may have: how it is typed, saved and described.</summary>
/// <typeparam name="T">The value.</typeparam>
public abstract class SettingValue<T>
{
    /// <summary>What is allowed, in words that follow «takes»: <c>a whole number from 1 to 20,000</c>.</summary>
    public abstract string Range { get; }

    /// <summary>What stands for it in a line of help: <c>N</c>, <c>FILE</c>.</summary>
    public abstract string Placeholder { get; }

    /// <summary>The values that there are, where they are few.</summary>
    public virtual IReadOnlyList<string> Choices => [];

    /// <summary>Whether it is on or off, and on where it is named alone.</summary>
    public virtual bool IsSwitch => false;

    /// <summary>Whether it is the path of a file or folder.</summary>
    public virtual bool IsFile => false;

    /// <summary>Whether it is a list, which may be named several times.</summary>
    public virtual bool IsList => false;

    /// <summary>Reads what was typed; null where it is no such value, or out of range.</summary>
    public abstract bool TryRead(string text, out T value);

    /// <summary>Reads what was saved.</summary>
    public abstract bool TryRead(JsonElement element, out T value);

    /// <summary>Whether a value that a program set is in range.</summary>
    public abstract bool Holds(T value);

    /// <summary>As it would be typed; empty for none.</summary>
    public abstract string Text(T value);

    /// <summary>As it is saved.</summary>
    public abstract void Write(Utf8JsonWriter writer, T value);

    /// <summary>Writes the members of its JSON schema into an open object.</summary>
    public abstract void WriteSchema(Utf8JsonWriter writer);
}
