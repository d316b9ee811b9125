using System.Text;
using Sconce.Catalogue;

namespace Sconce.Cli;

/// <summary>Tasks as they are typed: <c>dense-prediction</c>.</summary>
internal static class TaskNames
{
    /// <summary>Every task's name, in the catalogue's order.</summary>
    public static IEnumerable<string> All => Enum.GetValues<SystemTask>().Select(Of);

    /// <summary>A task's name.</summary>
    public static string Of(SystemTask task)
    {
        var name = new StringBuilder();
        foreach (char letter in task.ToString())
        {
            if (char.IsUpper(letter) && name.Length > 0) name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }

    /// <summary>The task of a name; dashes and case do not matter.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public static SystemTask Parse(string name)
    {
        foreach (var task in Enum.GetValues<SystemTask>())
        {
            if (task.ToString().Equals(name.Replace("-", "").Replace("_", ""), StringComparison.OrdinalIgnoreCase)) return task;
        }

        string suggestion = NearestNames.Suggest(name, All);
        throw new UsageException($"there is no task '{name}'. "
            + $"{(suggestion.Length > 0 ? suggestion : $"There are {string.Join(", ", All)}")}");
    }
}
