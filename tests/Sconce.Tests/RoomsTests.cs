using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Sconce.Tests;

/// <summary>The rooms of the library, from the ground up, by the <c>using</c>s of their files.</summary>
public sealed partial class RoomsTests
{
    private static readonly string[] FromTheGroundUp =
    [
        "Torch", "Common", "Files", "Maths", "Imaging", "Video", "Tables", "Nn", "Optim", "Weights", "Data", "Metrics", "Sampling",
        "Adversarial", "Control", "Compilation", "Export", "Abilities", "Networks", "Training", "Claims", "Catalogue", "Reports",
    ];

    [Fact]
    public void A_room_sees_only_those_below_it()
    {
        string library = Path.Combine(Root(), "src", "Sconce");
        Assert.SkipUnless(Directory.Exists(library), "no checkout here");
        var upwards = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(library, "*.cs", SearchOption.AllDirectories))
        {
            string place = Path.GetRelativePath(library, file).Replace('\\', '/');
            string room = place.Split('/')[0];
            if (!place.Contains('/', StringComparison.Ordinal) || room == "obj") continue;
            foreach (Match seen in Using().Matches(File.ReadAllText(file)))
            {
                string other = seen.Groups[1].Value;
                if (Height(other) > Height(room)) upwards.Add($"{place} sees {other}");
            }
        }

        Assert.Empty(upwards);
    }

    private static int Height(string room)
    {
        int height = Array.IndexOf(FromTheGroundUp, room);
        Assert.True(height >= 0, $"{room} is no room: give it its place among them");
        return height;
    }

    private static string Root([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));

    [GeneratedRegex(@"^using (?:static )?Sconce\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Using();
}
