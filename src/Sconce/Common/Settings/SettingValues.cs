using System.Numerics;

namespace Sconce.Common;

/// <summary>The kinds of values; the generator names them.</summary>
public static class SettingValues
{
    /// <summary>On or off.</summary>
    public static SettingValue<bool> Switch { get; } = new SwitchValue();

    /// <summary>Any text.</summary>
    public static SettingValue<string> Words { get; } = new WordsValue(isFile: false);

    /// <summary>A file or folder.</summary>
    public static SettingValue<string> File { get; } = new WordsValue(isFile: true);

    /// <summary>A whole number between bounds that count.</summary>
    public static SettingValue<T> Whole<T>(T least, T most)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => new WholeValue<T>(least, most);

    /// <summary>A finite number between bounds, each of which counts or not.</summary>
    public static SettingValue<double> Real(double least, double most, bool above = false, bool below = false) =>
        new RealValue(least, most, above, below);

    /// <summary>One of a few names.</summary>
    public static SettingValue<T> Choice<T>(params IReadOnlyList<(string Name, T Value)> choices)
        where T : struct, Enum => new ChoiceValue<T>(choices);

    /// <summary>A value or none, which is typed <c>none</c>.</summary>
    /// <param name="inner">The value.</param>
    /// <param name="isOpen">Whether somebody else decides where there is none (<see cref="LeftOpenAttribute"/>).</param>
    public static SettingValue<T?> Optional<T>(SettingValue<T> inner, bool isOpen = false)
        where T : struct => new OptionalNumber<T>(inner, isOpen);

    /// <summary>A text, file or the like, or none.</summary>
    /// <param name="inner">The value.</param>
    /// <param name="isOpen">Whether somebody else decides where there is none (<see cref="LeftOpenAttribute"/>).</param>
    public static SettingValue<T?> OptionalReference<T>(SettingValue<T> inner, bool isOpen = false)
        where T : class => new OptionalReference<T>(inner, isOpen);

    /// <summary>Several, with commas between.</summary>
    public static SettingValue<IReadOnlyList<T>> List<T>(SettingValue<T> inner) => new ListValue<T>(inner);

    /// <summary>What a type says of itself.</summary>
    public static SettingValue<T> Of<T>()
        where T : ISettingValue<T> => T.Value;
}
