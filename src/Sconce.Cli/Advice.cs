namespace Sconce.Cli;

/// <summary>What to type where the library says what would help: the one place in which its remedies become options and commands.</summary>
internal static class Advice
{
    private static readonly Dictionary<Remedy, string> Words = new()
    {
        [Remedy.Prefix] = $"The option is {Commands.WeightsNaming.PrefixOption} TEXT.",
        [Remedy.Wrapper] = $"The option is {Commands.WeightsNaming.WrapperOption} NAME.",
        [Remedy.LeaveOut] = "(--skip-broken of train and predict leaves them out)",
        [Remedy.OtherFolder] = "(--out DIR names another folder)",
        [Remedy.StartFromWeights] = "(--out DIR names another folder, --pretrained FILE starts from weights)",
        [Remedy.KnownNetworks] = "('sconce list --models' names them all)",
        [Remedy.SquarePictures] = "(--size SIDE asks for square ones)",
        [Remedy.NameWeights] = "(--weights FILE, or --weights official)",
    };

    /// <summary>The words to add to a fault; empty where there is nothing to type.</summary>
    public static string For(Exception fault) => fault is IRemediable { Remedy: var remedy } ? Words.GetValueOrDefault(remedy, "") : "";
}
