using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Cli.Output;

/// <summary>A system in <c>list --json</c>.</summary>
internal sealed record SystemJson(string Name, string Title, string Week, string Task, string Summary, Paper Paper,
    IReadOnlyList<string> Networks, bool HasClaim, IReadOnlyList<string> Verbs)
{
    public static SystemJson Of(CatalogueSystem system)
    {
        var card = system.Card;
        return new(card.Name, card.Title, card.Newsletter, TaskNames.Of(card.Task), card.Summary, card.Paper,
            [.. system.Variants.Select(variant => variant.Name)], system.Claim is not null,
            [.. system.Abilities.Select(ability => ability.Verb.Name).Distinct()]);
    }
}

/// <summary>A system in <c>show --json</c>.</summary>
internal sealed record SystemDetailJson(string Name, string Title, string Week, string Task, string Summary, Paper Paper,
    IReadOnlyList<ModelJson> Networks, ClaimCardJson? Claim, IReadOnlyList<MethodJson> Methods, IReadOnlyList<AbilityJson> Abilities)
{
    public static SystemDetailJson Of(CatalogueSystem system)
    {
        var card = system.Card;
        return new(
            card.Name, card.Title, card.Newsletter, TaskNames.Of(card.Task), card.Summary, card.Paper,
            [.. system.Variants.Select(variant => ModelJson.Of(system, variant))],
            system.Claim is { } claim ? ClaimCardJson.Of(claim) : null,
            [.. system.Methods.Select(MethodJson.Of)],
            [.. system.Abilities.Select(AbilityJson.Of)]);
    }
}

/// <summary>A network.</summary>
internal sealed record ModelJson(string Name, string System, string Description, long? Parameters, int Classes,
    IReadOnlyList<long> InputShape, string Head, IReadOnlyList<WeightsJson> Weights)
{
    public static ModelJson Of(CatalogueSystem system, ModelVariant variant)
    {
        var known = variant.Find<IHasClasses>();
        return new(
            variant.Name, system.Card.Name, variant.Description, variant.Parameters > 0 ? variant.Parameters : null, known?.Classes ?? 0,
            variant.Find<TensorInput>()?.Shape ?? [], known?.Head ?? "",
            [.. variant.Weights.Select(WeightsJson.Of)]);
    }
}

/// <summary>Published weights.</summary>
internal sealed record WeightsJson(string Address, string Sha256, string Licence, string Note)
{
    public static WeightsJson Of(OfficialWeights weights) => new(weights.Address.ToString(), weights.Sha256, weights.Licence, weights.Note);
}

/// <summary>A claim before it is run.</summary>
internal sealed record ClaimCardJson(string Statement, string Rule, double Seconds, int Seeds, string? DataFormat)
{
    public static ClaimCardJson Of(Claim claim) =>
        new(claim.Statement, claim.Rule, claim.Duration.TotalSeconds, claim.DefaultSeeds, claim.DataFormat);
}

/// <summary>A way of training that a system brings: <c>sconce train --method NAME</c>.</summary>
internal sealed record MethodJson(string Name, string Purpose, IReadOnlyList<MethodOptionJson> Options)
{
    public static MethodJson Of(TrainingMethod method) => new(method.Name, method.Purpose, OwnOf(method));

    /// <summary>What only the method has: settings in no group.</summary>
    public static IReadOnlyList<MethodOptionJson> OwnOf(TrainingMethod method) =>
    [
        .. method.Settings.Schema.All.Where(setting => setting.Groups.Count == 0).Select(setting => new MethodOptionJson(
            setting.Option[2..], setting.Help, method.Settings.Text(method.Settings.Start, setting.Name) is { Length: > 0 } value
            ? value : null, setting.Range)),
    ];
}

/// <summary>An option of a method of training; the default is null where there is none.</summary>
internal sealed record MethodOptionJson(string Name, string Help, string? Default, string Range);

/// <summary>What a system does with a person's files.</summary>
internal sealed record AbilityJson(string Verb, string Input, string Purpose, IReadOnlyList<MethodOptionJson> Settings)
{
    public static AbilityJson Of(Ability ability) => new(
        ability.Verb.Name, ability.Input.Name, ability.Purpose,
        [.. ability.Settings.All.Select(setting =>
            new MethodOptionJson(setting.Option[2..], setting.Help, setting.Default.Length > 0 ? setting.Default : null, setting.Range))]);
}
