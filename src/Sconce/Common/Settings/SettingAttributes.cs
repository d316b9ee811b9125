namespace Sconce.Common;

/// <summary>
/// A partial record of settings. The generator makes of each documented property an option of the command line, an entry of
/// <c>config.json</c>, a property of the JSON schema and a field of a form (<see cref="SettingsSchema{T}"/>). A property of another such
/// record is a group.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class SettingsAttribute : Attribute;

/// <summary>The values that a number may have, both ends included; for a list, each of its numbers.</summary>
/// <param name="least">The smallest.</param>
/// <param name="most">The largest; infinity for no bound.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WithinAttribute(double least, double most = double.PositiveInfinity) : Attribute
{
    /// <summary>The smallest.</summary>
    public double Least { get; } = least;

    /// <summary>The largest.</summary>
    public double Most { get; } = most;

    /// <summary>Whether the smallest itself is left out.</summary>
    public bool Above { get; init; }

    /// <summary>Whether the largest itself is left out.</summary>
    public bool Below { get; init; }
}

/// <summary>The text is the path of a file or folder; where it is typed it is made absolute.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FilePathAttribute : Attribute;

/// <summary>The setting has no default: nothing begins without it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;

/// <summary>
/// Where the setting is not given, somebody else decides: the network, the method, another setting. <c>none</c> is then no way to say that
/// there be none: a number is said, or a word that the setting knows.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LeftOpenAttribute : Attribute;

/// <summary>The name under which a setting is typed and saved, in camel case, where it is not the property's.</summary>
/// <param name="name">Such as <c>lr</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NamedAttribute(string name) : Attribute
{
    /// <summary>In camel case.</summary>
    public string Name { get; } = name;
}
