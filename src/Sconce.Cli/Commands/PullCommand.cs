using System.CommandLine;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Data.Downloads;
using Sconce.Networks;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce weights pull NETWORK</c>: official weights into the cache, checked.</summary>
internal static class PullCommand
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("network") { Description = "Such as resnest50" };
        name.CompletionSources.Add(_ => context.Models.List());
        var file = new Option<string?>("--file")
        { Description = "Which one, where several are published: a part of its name", HelpName = "PART" };
        var json = Shared.Json();
        var command = new TeachingCommand("pull",
            "Download a network's official weights into the cache, check them, and say where they are. What was cut short goes on.")
        {
            Examples =
            [
                ("sconce weights pull resnest50", "downloads, checks, prints the file's path"),
                ("sconce weights pull vit_base_patch16_224 --file jx_", "one of several official files"),
                ($"{CacheFolder.Variable}=/data/sconce sconce weights pull ViT-B/32", "into a cache elsewhere"),
            ],
        };
        command.Add(name);
        command.Add(file);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var variant = context.Models.Get(parsed.GetRequiredValue(name));
            var weights = Choose(variant, parsed.GetValue(file));
            var result = Pull(context, variant, weights);
            if (parsed.GetValue(json))
            {
                context.Terminal.WriteJson(
                    new PullJson(variant.Name, result.Path, result.Length, result.Sha256, weights.Sha256, result.Checked,
                        result.BytesReceived, weights.Address.ToString(), weights.Licence, weights.Note), CliJson.Readable.PullJson);
                return 0;
            }

            context.Terminal.Write(Columns.Line(result.Path));
            context.Terminal.Write(Columns.Facts(
            [
                ("size", Figures.Bytes(result.Length)
                    + (result.BytesReceived == 0 ? ", was there already" : result.BytesReceived < result.Length
                        ? $", {Figures.Bytes(result.BytesReceived)} of them now" : "")),
                ("SHA-256", result.Sha256),
                ("checked", result.Checked ? weights.Sha256.Length < 64 ? $"against the {weights.Sha256.Length} digits published"
                    : "against the checksum published" : "no checksum is published: the file is as the server sent it"),
                ("licence", weights.Licence),
                ("note", weights.Note),
            ]));
            return 0;
        });
        return command;
    }

    /// <summary>Downloads under the command's progress display.</summary>
    public static DownloadResult Pull(CommandContext context, ModelVariant variant, OfficialWeights weights)
    {
        using var progress = new ProgressDisplay(context.Terminal, variant.Name);
        return OfficialWeightsCache.PullAsync(weights, null, progress, context.Cancellation).GetAwaiter().GetResult();
    }

    /// <summary>The file asked for, or the first that is published.</summary>
    public static OfficialWeights Choose(ModelVariant variant, string? part = null)
    {
        if (variant.Weights.Count == 0)
            throw new UsageException($"no official weights of {variant.Name} are known ('sconce show' says what is published)");
        if (part is null) return variant.Weights[0];
        var fitting = variant.Weights.Where(weights => weights.Address.ToString()
            .Contains(part, StringComparison.OrdinalIgnoreCase)).ToList();
        return fitting.Count == 1
            ? fitting[0]
            : throw new UsageException($"--file {part}: {(fitting.Count == 0 ? "none" : fitting.Count)} of {variant.Name}'s files fits; it "
                + $"has {string.Join(", ", variant.Weights.Select(weights => Path.GetFileName(weights.Address.AbsolutePath)))}");
    }
}
