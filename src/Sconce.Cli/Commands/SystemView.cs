using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Output;
using Sconce.Networks;
using Sconce.Reports;
using Spectre.Console.Rendering;

namespace Sconce.Cli.Commands;

/// <summary>Writes a system's card.</summary>
internal static class SystemView
{
    public static void Write(Terminal terminal, CatalogueSystem system, bool json)
    {
        if (json)
        {
            terminal.WriteJson(SystemDetailJson.Of(system), CliJson.Readable.SystemDetailJson);
            return;
        }

        foreach (var part in Parts(system)) terminal.Write(part);
    }

    private static IEnumerable<IRenderable> Parts(CatalogueSystem system)
    {
        var card = system.Card;
        yield return Columns.Heading(card.Title);
        yield return Columns.Line(card.Summary);
        yield return Columns.Line();
        yield return Columns.Facts(
        [
            ("name", card.Name),
            ("task", TaskNames.Of(card.Task)),
            ("week", card.Newsletter),
            ("paper", Figures.Citation(card.Paper)),
            ("arXiv", card.Paper.ArXiv.Length > 0 ? $"https://arxiv.org/abs/{card.Paper.ArXiv}" : ""),
            ("code", card.Paper.Repository.Length > 0 ? $"https://github.com/{card.Paper.Repository.Replace("@", "/tree/")}" : ""),
        ]);
        foreach (var part in Networks(system.Variants)) yield return part;
        foreach (var part in Weights(system.Variants)) yield return part;
        foreach (var part in Claim(system)) yield return part;
        foreach (var part in Methods(system)) yield return part;
        foreach (var part in Abilities(system)) yield return part;
    }

    private static IEnumerable<IRenderable> Networks(IReadOnlyList<ModelVariant> variants)
    {
        if (variants.Count == 0) yield break;
        yield return Columns.Line();
        yield return Columns.Heading("Networks");
        var table = Columns.Of("network", ">parameters", "input", ">classes", "what it is");
        foreach (var variant in variants)
        {
            table.Add(variant.Name, Figures.Count(variant.Parameters), Figures.Shape(variant), variant.Find<IHasClasses>() is { } known
                ? $"{known.Classes}" : "–", variant.Description);
        }

        yield return table;
        yield return Columns.Line($"sconce show {variants[0].Name}");
    }

    private static IEnumerable<IRenderable> Weights(IReadOnlyList<ModelVariant> variants)
    {
        var published = variants.SelectMany(variant => variant.Weights.Select(weights => (variant.Name, weights))).ToList();
        if (published.Count == 0) yield break;
        yield return Columns.Line();
        yield return Columns.Heading("Official weights");
        var table = Columns.Of("network", "licence", "address", "note");
        foreach (var (name, weights) in published) table.Add(name, weights.Licence, weights.Address.ToString(), weights.Note);
        yield return table;
    }

    private static IEnumerable<IRenderable> Claim(CatalogueSystem system)
    {
        if (system.Claim is not { } claim) yield break;
        yield return Columns.Line();
        yield return Columns.Heading("Claim");
        yield return Columns.Line(claim.Statement);
        yield return Columns.Facts(
        [
            ("rule", claim.Rule),
            ("takes", $"about {ClaimFigures.Words(claim.Duration)} on two cores, {claim.DefaultSeeds} "
                + $"{(claim.DefaultSeeds == 1 ? "seed" : "seeds")}"),
            ("data", claim.DataFormat is { } format ? $"its own, or with --data {format}" : "its own"),
        ]);
        yield return Columns.Line($"sconce claim {system.Card.Name}");
    }

    private static IEnumerable<IRenderable> Methods(CatalogueSystem system)
    {
        foreach (var method in system.Methods)
        {
            yield return Columns.Line();
            yield return Columns.Heading($"Train: --method {method.Name}");
            yield return Columns.Line(method.Purpose);
            yield return Columns.Facts(MethodJson.OwnOf(method)
                .Select(setting => ($"--{setting.Name}", setting.Default is { } value ? $"{setting.Help} ({value})" : setting.Help)));
            yield return Columns.Line($"sconce train --method {method.Name} --help");
        }
    }

    private static IEnumerable<IRenderable> Abilities(CatalogueSystem system)
    {
        foreach (var ability in system.Abilities)
        {
            yield return Columns.Line();
            yield return Columns.Heading($"{char.ToUpperInvariant(ability.Verb.Name[0])}{ability.Verb.Name[1..]}");
            yield return Columns.Line(ability.Purpose);
            yield return Columns.Facts(ability.Settings.All.Select(setting =>
                (setting.Option, setting.Default.Length > 0 ? $"{setting.Help} ({setting.Default})" : setting.Help)));
            yield return Columns.Line($"sconce {ability.Verb.Name} {system.Card.Name} --help");
        }
    }
}
