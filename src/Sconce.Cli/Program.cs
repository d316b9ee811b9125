using Sconce.Cli;
using Sconce.Systems;

return Application.Run(args, Catalogue.Systems, Terminal.OfProcess());
