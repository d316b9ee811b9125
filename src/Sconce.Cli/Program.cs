using Sconce.Cli;
using Sconce.Systems;

return OpenFiles.AreTooFew() ? Faults.FailureStatus : Application.Run(args, Catalogue.Systems, Terminal.OfProcess());
