using Sconce.Catalogue;
using Sconce.Cli.Output;
using Sconce.Networks;

namespace Sconce.Cli.Commands;

/// <summary>Writes networks: a table, JSON, or Markdown.</summary>
internal static class ModelListing
{
    public static void Write(CommandContext context, IReadOnlyList<CatalogueSystem> systems, string? pattern, ListShape shape)
    {
        if (pattern is not null && !SystemRegistry.IsPattern(pattern)) context.Models.Get(pattern);
        List<(CatalogueSystem System, ModelVariant Variant)> networks =
        [
            .. systems.SelectMany(system => system.Variants.Select(variant => (system, variant)))
                .Where(entry => pattern is null || SystemRegistry.Fits(entry.variant.Name, pattern))
                .OrderBy(entry => entry.variant.Name, StringComparer.Ordinal),
        ];
        if (networks.Count == 0 && systems.Count > 0) context.Terminal.Note("no network fits ('sconce list --models' names them all)");
        switch (shape)
        {
            case ListShape.Json:
                context.Terminal.WriteJson([.. networks.Select(entry => ModelJson.Of(entry.System, entry.Variant))],
                    CliJson.Readable.ModelJsonArray);
                break;
            case ListShape.Markdown:
                Markdown.Table(context.Terminal.Out, ["Network", "System", "Parameters", "Input", "What it is"],
                    networks.Select(entry => new[]
                {
                    $"`{entry.Variant.Name}`", $"`{entry.System.Card.Name}`", Figures.Count(entry.Variant.Parameters),
                    Figures.Shape(entry.Variant), Markdown.Escape(entry.Variant.Description),
                }));
                break;
            default:
                Text(context.Terminal, networks);
                break;
        }
    }

    private static void Text(Terminal terminal, List<(CatalogueSystem System, ModelVariant Variant)> networks)
    {
        if (networks.Count == 0) return;
        var table = Columns.Of("network", "system", ">parameters", "input", "what it is");
        foreach (var (system, variant) in networks)
        {
            table.Add(variant.Name, system.Card.Name, Figures.Count(variant.Parameters), Figures.Shape(variant),
                variant.Description);
        }

        terminal.Write(table);
    }
}
