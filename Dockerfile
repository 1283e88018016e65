# The site with all it needs; what starts it is in compose.yaml.
FROM python:3.13-slim
WORKDIR /site
RUN useradd --create-home site && mkdir .local && chown site .local
COPY pyproject.toml README.md LICENSE ./
COPY asgiscope asgiscope
RUN pip install --no-cache-dir '.[site]'
COPY . .
USER site
ENV PYTHONUNBUFFERED=1
EXPOSE 8000
