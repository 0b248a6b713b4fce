using RecursiveMas.Server;

// RecursiveMas systems as a service: what OpenAI clients call, a page that shows agents think, and a health check.
await ServerApp.Build(WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory })).RunAsync();
