using System.CommandLine;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce completion bash|zsh</c>: prints the script that makes a shell complete names.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # sconce's completion for bash: eval "$(sconce completion bash)" in ~/.bashrc
        _sconce_complete() {
            local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "$word"))
        }
        complete -o default -F _sconce_complete sconce ./sconce
        """;

    private const string Zsh = """
        # sconce's completion for zsh: eval "$(sconce completion zsh)" in ~/.zshrc, after compinit
        _sconce_complete() {
            local -a found
            found=("${(@f)$(${(Q)words[1]} "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            if [[ -n ${found[1]} ]]; then compadd -a found; else _files; fi
        }
        compdef _sconce_complete sconce ./sconce
        """;

    public static Command Create(CommandContext context)
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh" };
        shell.CompletionSources.Add("bash", "zsh");
        var command = new TeachingCommand("completion", "Print the script that makes your shell complete commands and names.")
        {
            Examples =
            [
                ("eval \"$(sconce completion bash)\"", "completion in this shell; put the line into ~/.bashrc to keep it"),
                ("eval \"$(sconce completion zsh)\"", "the same for zsh"),
            ],
        };
        command.Add(shell);
        command.SetAction(parsed =>
        {
            context.Terminal.Out.WriteLine(parsed.GetRequiredValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                var other => throw new UsageException($"there is no completion for '{other}': bash or zsh"),
            });
            return 0;
        });
        return command;
    }
}
