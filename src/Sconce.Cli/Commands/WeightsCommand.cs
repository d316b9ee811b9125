using System.CommandLine;
using Sconce.Catalogue;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce weights FILE</c>: what a checkpoint holds, and whether it fits a network. Listing loads no libtorch.</summary>
internal static class WeightsCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="context">The networks.</param>
    /// <param name="isPull">Whether the line speaks of <c>weights pull</c>, whose usage would else name the file too.</param>
    public static Command Create(CommandContext context, bool isPull)
    {
        var file = new Argument<string>("file")
        {
            Hidden = isPull,
            Description = "A checkpoint: .pth, .pt, TorchScript, .safetensors, .npz or .npy; or a run's folder: its best",
        };
        var check = new Option<string?>("--check")
        {
            Description = "Compare its names and shapes with a network's, or a run's with its classes; exit with 1 where they differ",
            HelpName = "NETWORK|RUN",
        };
        check.CompletionSources.Add(_ => context.Models.List());
        var naming = new WeightsNaming();
        var json = Shared.Json();
        var command = new TeachingCommand("weights",
            "List what a checkpoint holds: names, types, shapes, parameters. Nothing of the file is run.")
        {
            Examples =
            [
                ("sconce weights ViT-B-32.pt", "every tensor in it"),
                ("sconce weights model.safetensors --check vit_base_patch16_224",
                    "does it fit, and what is missing, with the nearest names"),
                ("sconce weights pull resnest50", "download official weights, checked"),
                ("sconce weights checkpoint.pth --wrapper state_dict_ema", "the averaged weights beside the trained ones"),
            ],
        };
        command.Add(PullCommand.Create(context));
        command.Add(file);
        foreach (var option in new Option[] { check, json }.Concat(naming.All)) command.Add(option);
        command.SetAction(parsed =>
        {
            string typed = parsed.GetRequiredValue(file);
            string path = TrainedNetworks.IsRun(typed) ? TrainedNetworks.BestOf(typed) : typed;
            if (!File.Exists(path))
                throw new UsageException(Directory.Exists(path) ? $"'{path}' is a folder, not a checkpoint" : $"there is no file '{path}'");
            (AbilityTarget Target, ModelVariant Variant)? asked = parsed.GetValue(check) is { } name
                ? TrainedNetworks.Target(context, name) : null;
            var network = asked?.Variant;
            using var checkpoint = Checkpoint.Open(path,
                new CheckpointOptions { Wrapper = naming.Wrapper(parsed), StripPrefix = naming.Prefix(parsed) });
            var report = network is null ? null : Compare(asked!.Value.Target.Run, network, checkpoint);
            if (parsed.GetValue(json)) CheckpointView.WriteJson(context.Terminal, checkpoint, network, report);
            else CheckpointView.Write(context.Terminal, checkpoint, network, report);
            return report is { IsExact: false } ? Faults.FailureStatus : 0;
        });
        return command;
    }

    /// <summary>Against the official network, or against a run's with its classes and size.</summary>
    private static StateDictReport Compare(TrainedNetwork? run, ModelVariant network, Checkpoint checkpoint)
    {
        using var unset = Init.Skipped();
        using var module = network.Create(run is null ? ModelOptions.Official : new ModelOptions(run.Classes?.Count, run.Size));
        return ModelWeights.Compare(module, checkpoint);
    }
}
