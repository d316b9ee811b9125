namespace Sconce.Systems.Generation;

/// <summary>Where the weights of a stage lie that a later one builds on.</summary>
internal static class RunWeights
{
    private const string Best = "best.ckpt";

    /// <summary>The checkpoint that a run's folder, or a file, stands for.</summary>
    /// <exception cref="UsageException">The run has no weights yet.</exception>
    internal static string Of(string place)
    {
        if (!Directory.Exists(place)) return place;
        string best = Path.Combine(place, Best);
        if (File.Exists(best)) return best;
        throw new UsageException($"{place} has no {Best} yet: it is written at the end of the first epoch");
    }

    /// <summary>The place of a stage that a setting names.</summary>
    /// <param name="place">A run's folder or a checkpoint; null where none was named.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="question">What to ask where none was named.</param>
    /// <exception cref="SettingsException">None was named, or there is nothing.</exception>
    internal static string Named(string? place, string setting, string question)
    {
        if (place is null)
            throw new SettingsException(setting, called => $"{question} Name its run's folder, or its checkpoint, with {called}");
        return File.Exists(place) || Directory.Exists(place)
            ? place
            : throw new SettingsException(setting, called => $"{called}: there is no '{place}'");
    }
}
