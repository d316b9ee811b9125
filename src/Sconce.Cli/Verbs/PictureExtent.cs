using System.CommandLine;
using System.Globalization;
using Sconce.Abilities;

namespace Sconce.Cli.Verbs;

/// <summary><c>--size</c> of a verb: a side, or width and height of what is made.</summary>
internal static class PictureExtent
{
    private const string Name = "--size";
    private const int Least = 8, Most = 65536;

    /// <summary>Such as <c>--size 256</c> or <c>--size 512x256</c>: one or two numbers.</summary>
    public static Option<int[]?> Option() => new(Name)
    {
        Description = "The side of pictures in pixels (the network's own); what is made may be WIDTHxHEIGHT where a network "
            + "paints any size",
        HelpName = "N|WxH",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            string[] sides = text.Split('x', 'X');
            int[] read =
                [.. sides.Select(side => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out int one) ? one : 0)];
            if (read.Length is 1 or 2 && read.All(side => side is >= Least and <= Most)) return read;
            result.AddError($"{Name} takes a whole number from {Least} on, or WIDTHxHEIGHT such as 512x256, not '{text}'");
            return null;
        },
    };

    /// <summary>The side that a network is to be asked at; null where none was named, or it is the size of what is made.</summary>
    /// <exception cref="UsageException">Two sides were named for what takes one.</exception>
    public static int? Side(int[]? asked, Ability ability)
    {
        if (asked is null or [] || ability.MakesAnySize) return null;
        return asked.Length == 1
            ? asked[0]
            : throw new UsageException($"{Name} {asked[0]}x{asked[1]}: to {ability.Verb} takes one side here, that of square pictures");
    }

    /// <summary>The size of what is made.</summary>
    public static (int Width, int Height)? Of(int[]? asked, Ability ability) =>
        asked is [var width, ..] && ability.MakesAnySize ? (width, asked[^1]) : null;
}
